package dev.weir.operators;

import dev.weir.operators.setting.Setting;
import dev.weir.operators.shape.CountedMean;
import dev.weir.operators.shape.Shape;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The centre of weight centralisation: the plain mean of the epochs' weights, c_n = (1 / n) sum theta_e, toward which
 * trainers are pulled by a penalty lambda |theta - c|^2, whose gradient is 2 lambda (theta - c). The centre as a running
 * mean follows from the abstract's "average of the weight of previous epochs"; the published code does not contain this
 * part.
 *
 * <p>With distances, |theta - c| of each tensor goes to the trainer with the centre: the checkpoint's from the centre that it has
 * entered. A partition says |theta - b|^2 of its chunks, b being the centre before (K4); as c is b + (theta - b) / n after the n-th
 * one, |theta - c| = (1 - 1 / n) |theta - b|. lambda times the sum of their squares is the penalty.
 *
 * <p>Source: Zhao et al., Fast Adversarial Training with Smooth Convergence (2023).
 *
 * @param mean which checkpoints enter; by default every one, from the first step on
 * @param distances whether to say the distances; false by default
 */
public record WeightCentre(Swa mean, boolean distances) implements Operator {

    static final OperatorSpec SPEC = new OperatorSpec(
            "weight-centre",
            "A14",
            "Fast Adversarial Training with Smooth Convergence",
            "Zhao et al. 2023, arXiv:2308.12857",
            List.of(
                    Setting.integer("from-step", 0, 0, Long.MAX_VALUE, "first trainer step that enters"),
                    Setting.integer("every", 1, 1, 1L << 50, "checkpoints of an epoch: one in so many enters"),
                    Setting.flag(
                            "distances",
                            false,
                            "whether feedback has the distance of each tensor from the centre; every checkpoint then waits for"
                                    + " sums over its tensors")),
            Facts.of(
                            "K1 weighted mean, with distances K4 reductions before",
                            "c = mean of theta at the epochs' ends; the trainer adds 2 lambda (theta - c) to its gradient",
                            "Against a sudden loss of robustness in fast adversarial training. In a plan, feedback-steps sends the"
                                    + " centre to the trainer, and with distances |theta - c| of each tensor, in f64: lambda times"
                                    + " the sum of their squares is the penalty, whose gradient is the trainer's part, as is to keep"
                                    + " its own weights and take the centre as c.")
                    .feedingBack(),
            settings -> new WeightCentre(
                    new Swa(settings.integer("from-step"), settings.integer("every")), settings.flag("distances")));

    @Override
    public Shape shape() {
        return distances ? CountedMean.SHAPE : mean.shape();
    }

    @Override
    public Step step(Progress progress, Checkpoint checkpoint) {
        return mean.step(progress, checkpoint);
    }

    @Override
    public Step step(Progress progress, Checkpoint checkpoint, Sums sums) {
        Step taken = mean.step(progress, checkpoint);
        if (!distances || !taken.enters()) {
            return taken;
        }
        double share = 1 - 1 / taken.next().weight();
        Map<String, Double> byTensor = new TreeMap<>();
        for (int i = 0; i < sums.averaged().size(); i++) {
            if (!sums.averaged().get(i).isEmpty()) {
                byTensor.put(
                        sums.averaged().get(i),
                        share * Math.sqrt(sums.byTensor().get(i)[0]));
            }
        }
        return taken.with(byTensor);
    }
}
