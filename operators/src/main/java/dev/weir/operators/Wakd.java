package dev.weir.operators;

/**
 * Weight averaging for knowledge distillation: the plain mean of a student's checkpoints from a tenth of its training on;
 * until then the newest one: m = theta_t for t &lt; s, then the mean of theta_s .. theta_t, s = 5,000 by default. No
 * validation loss is asked for.
 *
 * <p>Source: Berezovskiy and Morozov, Weight Averaging Improves Knowledge Distillation under Domain Shift (2023).
 */
final class Wakd {

    static final OperatorSpec SPEC = Sma.of(
            "wakd",
            5_000,
            "Berezovskiy, Morozov 2023, arXiv:2309.11446",
            "For students in distillation: begin after a tenth of the steps, 5,000 of the paper's 50,000.");

    private Wakd() {}
}
