package dev.weir.operators;

import dev.weir.operators.setting.Setting;
import dev.weir.operators.shape.Shape;
import dev.weir.operators.shape.WeightedMean;
import java.util.List;

/**
 * Schedule-free averaging: of the base optimiser's sequence z, which trainers publish, the mean x with weights w_k = (k +
 * 1)^r lr_max^p, x &lt;- (1 - c) x + c z with c = w_k / sum w, where lr_max grows during the warm-up, lr min(1, (k + 1) /
 * warmUp). The learning rate itself cancels out. At a constant rate and r = 0 it is the plain mean.
 *
 * <p>Source: Defazio et al., The Road Less Scheduled (2024), equations 3 to 5 and algorithm 1.
 *
 * @param power p, exponent of the learning rate, in [0, 100]; default 2
 * @param r exponent of the number of the checkpoint, in [0, 100]; default 0
 * @param warmUp checkpoints over which the learning rate rises in proportion, 0 or more; 0, the default: none
 */
public record ScheduleFree(double power, double r, long warmUp) implements Operator {

    static final OperatorSpec SPEC = new OperatorSpec(
            "schedule-free",
            "A9",
            "The Road Less Scheduled",
            "Defazio et al. 2024, arXiv:2405.15682, algorithm 1",
            List.of(
                    Setting.number("power", 2, 0, 100, "exponent of the learning rate in a weight"),
                    Setting.number("r", 0, 0, 100, "exponent of the checkpoint's number in a weight"),
                    Setting.integer("warm-up", 0, 0, 1L << 50, "checkpoints over which the learning rate rises")),
            Facts.of(
                            "K1 weighted mean",
                            "x = sum w_k z_k / sum w_k, w_k = (k + 1)^r min(1, (k + 1) / warm-up)^p",
                            "When a schedule-free optimiser publishes its z: x is the model to serve. A checkpoint saved in"
                                    + " training holds y, not x: take schedule-free-x for a pair of y and z. The gradients at y"
                                    + " are the trainer's part.")
                    .feedingBack(),
            settings -> new ScheduleFree(settings.number("power"), settings.number("r"), settings.integer("warm-up")));

    @Override
    public Shape shape() {
        return WeightedMean.SHAPE;
    }

    @Override
    public Step step(Progress progress, Checkpoint checkpoint) {
        double number = progress.updates() + 1.0;
        double rate = number < warmUp ? number / warmUp : 1;
        double weight = StrictMath.pow(number, r) * StrictMath.pow(rate, power);
        Progress next = progress.enter(checkpoint, weight);
        return new Step(next, List.of(weight, next.weight()));
    }
}
