package dev.weir.operators;

import dev.weir.operators.setting.Setting;
import dev.weir.operators.shape.Ring;
import dev.weir.operators.shape.Shape;
import java.util.List;

/**
 * Latest weight averaging: the plain mean of the newest k checkpoints, w_t = (1 / k) sum theta_i for i of t - k + 1 to t,
 * formed anew from the ring each time.
 *
 * <p>Source: H&auml;gele et al., Scaling Laws and Compute-Optimal Training Beyond Fixed Training Durations (2024), section 4;
 * Kaddour, Stop Wasting My Time! Saving Days of ImageNet and BERT Training with Latest Weight Averaging (2022).
 *
 * @param window k, 1 to 1,000; default 6
 * @param every enters the first of every so many accepted checkpoints, 1 or more; default 1
 */
public record Lawa(int window, long every) implements Operator {

    static final OperatorSpec SPEC = new OperatorSpec(
            "lawa",
            "A8",
            "Scaling Laws and Compute-Optimal Training Beyond Fixed Training Durations",
            "Hägele et al. 2024, arXiv:2405.18392, section 4",
            List.of(
                    Setting.integer("window", 6, 1, 1_000, "newest checkpoints that are averaged"),
                    Setting.integer("every", 1, 1, 1L << 50, "enters one in so many checkpoints")),
            Facts.of(
                    "K3 ring",
                    "w = (1 / k) sum of the newest k checkpoints, of fewer while there are fewer",
                    "At a constant learning rate, instead of a cooldown: what training would give if it ended now. Costs k"
                            + " times the model in memory; windowed-swa costs less."),
            settings -> new Lawa((int) settings.integer("window"), settings.integer("every")));

    @Override
    public Shape shape() {
        return new Ring(window);
    }

    @Override
    public Step step(Progress progress, Checkpoint checkpoint) {
        if (progress.seen() % every != 0) {
            return new Step(progress.skip(checkpoint), List.of());
        }
        long number = progress.updates();
        double filled = Math.min(number + 1, window);
        return new Step(progress.enter(checkpoint, 1), List.of((double) (number % window), filled));
    }
}
