package dev.weir.operators;

import dev.weir.operators.setting.Setting;
import dev.weir.operators.shape.Shape;
import dev.weir.operators.shape.WeightedMean;
import java.util.List;

/**
 * Aggressive stochastic weight averaging: the plain mean of every checkpoint of an epoch, w &lt;- (w n + theta) / (n + 1)
 * with n from 0 at its first. At an epoch's end trainers go on from the mean, and the mean begins again; in the published
 * code the buffer holds the raw weights then, with the count unchanged, which averages nothing that is meant.
 *
 * <p>Source: Madhyastha and Jain, On Model Stability as a Function of Random Seed (2019), section 4.
 *
 * @param epochSteps E, trainer steps of an epoch, 1 or more; 0, the default: the mean never begins again
 */
public record Aswa(long epochSteps) implements Operator {

    static final OperatorSpec SPEC = new OperatorSpec(
            "aswa",
            "A2",
            "On Model Stability as a Function of Random Seed",
            "Madhyastha, Jain 2019, arXiv:1909.10447",
            List.of(Setting.integer("epoch-steps", 0, 0, 1L << 50, "trainer steps of an epoch; 0: one epoch")),
            Facts.of(
                            "K1 weighted mean",
                            "w = mean of theta_i over the steps (e - 1) E + 1 .. e E of the epoch",
                            "To make results depend less on the random seed. In a plan, feedback-steps equal to epoch-steps"
                                    + " sends the mean back at each epoch's end.")
                    .feedingBack(),
            settings -> new Aswa(settings.integer("epoch-steps")));

    @Override
    public Shape shape() {
        return WeightedMean.SHAPE;
    }

    @Override
    public Step step(Progress progress, Checkpoint checkpoint) {
        long epoch = epoch(checkpoint.step());
        long newest = epoch(progress.newestStep());
        if (epoch < newest) {
            return new Step(progress.skip(checkpoint), List.of());
        }
        double total = epoch > newest ? 1 : progress.weight() + 1;
        return new Step(progress.enterWith(checkpoint, total), List.of(1.0, total));
    }

    private long epoch(long step) {
        return epochSteps == 0 ? 0 : Math.max(0, step - 1) / epochSteps;
    }
}
