package dev.weir.operators;

import dev.weir.operators.setting.Setting;
import dev.weir.operators.setting.Settings;
import dev.weir.operators.shape.Shape;
import dev.weir.operators.shape.WeightedMean;
import java.util.List;

/**
 * Stochastic weight averaging: the plain mean of the checkpoints from a trainer step on, every n-th of them: w &lt;- (w n +
 * theta) / (n + 1), n &lt;- n + 1.
 *
 * <p>Source: Izmailov et al., Averaging Weights Leads to Wider Optima and Better Generalization (2018), algorithm 1.
 *
 * @param fromStep first trainer step that enters, 0 or more; default 0
 * @param every enters the first of every so many accepted checkpoints from then on, 1 or more; default 1
 */
public record Swa(long fromStep, long every) implements Operator {

    static final OperatorSpec SPEC = new OperatorSpec(
            "swa",
            "A1",
            "Averaging Weights Leads to Wider Optima and Better Generalization",
            "Izmailov et al. 2018, arXiv:1803.05407, algorithm 1",
            List.of(
                    Setting.integer("from-step", 0, 0, Long.MAX_VALUE, "first trainer step that enters"),
                    Setting.integer("every", 1, 1, 1L << 50, "enters one in so many checkpoints")),
            Facts.of(
                    "K1 weighted mean",
                    "w = (1 / n) sum theta_i over the checkpoints that enter",
                    "Once the learning rate cycles or stays constant: begin where the loss has levelled off."),
            Swa::of);

    private static Swa of(Settings settings) {
        return new Swa(settings.integer("from-step"), settings.integer("every"));
    }

    @Override
    public Shape shape() {
        return WeightedMean.SHAPE;
    }

    @Override
    public Step step(Progress progress, Checkpoint checkpoint) {
        if (checkpoint.step() < fromStep) {
            return new Step(progress, List.of());
        }
        if (progress.seen() % every != 0) {
            return new Step(progress.skip(checkpoint), List.of());
        }
        Progress next = progress.enter(checkpoint, 1);
        return new Step(next, List.of(1.0, next.weight()));
    }
}
