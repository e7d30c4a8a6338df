package dev.weir.operators;

import dev.weir.operators.setting.Setting;
import dev.weir.operators.shape.Shape;
import dev.weir.operators.shape.WeightedMean;
import java.util.List;

/**
 * Simple moving average: the newest checkpoint until a trainer step, from there on the plain mean of all: m_t = theta_t for
 * t &lt; s, then m_t = (1 / (t - s + 1)) sum theta_i for i of s to t. The checkpoint at which the mean begins counts once.
 *
 * <p>Source: Arpit et al., Ensemble of Averages (2022), as in Berezovskiy and Morozov, Weight Averaging Improves Knowledge
 * Distillation under Domain Shift (2023).
 *
 * @param fromStep s, first trainer step of the mean, 0 or more; default 100
 */
public record Sma(long fromStep) implements Operator {

    static final OperatorSpec SPEC = of(
            "sma",
            100,
            "Arpit et al. 2022, arXiv:2110.10832, and Berezovskiy, Morozov 2023, arXiv:2309.11446",
            "Beside training without a schedule: needs no validation loss.");

    /** Of this rule under another name: with another first step and another reason to use it. */
    static OperatorSpec of(String name, long fromStep, String reference, String use) {
        return new OperatorSpec(
                name,
                "A11",
                "Weight Averaging Improves Knowledge Distillation under Domain Shift",
                reference,
                List.of(Setting.integer(
                        "from-step",
                        fromStep,
                        0,
                        Long.MAX_VALUE,
                        "first trainer step of the mean; until then the newest checkpoint is copied")),
                Facts.of("K1 weighted mean", "m = theta_t for t < s, then the mean of theta_s .. theta_t", use),
                settings -> new Sma(settings.integer("from-step")));
    }

    @Override
    public Shape shape() {
        return WeightedMean.SHAPE;
    }

    @Override
    public Step step(Progress progress, Checkpoint checkpoint) {
        if (checkpoint.step() < fromStep && progress.newestStep() >= fromStep) {
            return new Step(progress.skip(checkpoint), List.of());
        }
        boolean begins = checkpoint.step() < fromStep || progress.newestStep() < fromStep;
        double total = begins ? 1 : progress.weight() + 1;
        return new Step(progress.enterWith(checkpoint, total), List.of(1.0, total));
    }
}
