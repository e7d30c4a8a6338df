package dev.weir.operators;

import dev.weir.operators.setting.Setting;
import dev.weir.operators.shape.CountedMean;
import dev.weir.operators.shape.Shape;
import java.util.List;

/**
 * Norm-filtered aggressive SWA: a checkpoint enters the mean only when its distance r from it exceeds the mean of the
 * distances that were noted since the last one entered: w &lt;- (w n + theta) / (n + 1) if r &gt; mean(L), L &lt;- [r];
 * else it passes by and the distance is noted. r is the mean or the maximum over the tensors of the Euclidean distance |w -
 * theta|. The notes are kept as a sum and a count, are begun again with r when one enters, and are forgotten at an epoch's
 * end, which is the first step of a later epoch by whichever run. The first checkpoint is copied. All tensors that match
 * count, not two by their number.
 *
 * <p>Source: Madhyastha and Jain, On Model Stability as a Function of Random Seed (2019), section 4.
 *
 * @param largest whether r is the maximum rather than the mean; default false
 * @param tensors glob over the tensors whose distances count; default *, all
 * @param epochSteps trainer steps of an epoch, 1 or more; 0, the default: one epoch
 */
public record Naswa(boolean largest, String tensors, long epochSteps) implements Operator {

    static final OperatorSpec SPEC = new OperatorSpec(
            "naswa",
            "A2",
            "On Model Stability as a Function of Random Seed",
            "Madhyastha, Jain 2019, arXiv:1909.10447",
            List.of(
                    Setting.choice("distance", List.of("mean", "max"), "how the distances of the tensors become one"),
                    Setting.text("tensors", "glob over the tensors whose distances count; all when it is left out"),
                    Setting.integer("epoch-steps", 0, 0, 1L << 50, "trainer steps of an epoch; 0: one epoch")),
            Facts.of(
                            "K4 reductions, then K1 weighted mean",
                            "w = mean of the checkpoints with r_t = mean or max of |w - theta_t| above the mean of the noted r",
                            "As aswa, leaving out checkpoints that bring nothing new: they pass by as `too-near`. In a plan,"
                                    + " feedback-steps sends the mean back after an epoch, if its checkpoint enters. Over files, before"
                                    + " each one at most four others are read again; of more than five, the state lies beside the"
                                    + " output meanwhile.")
                    .costing(Cost.MODEL)
                    .feedingBack(),
            settings -> new Naswa(
                    settings.text("distance").equals("max"),
                    settings.given("tensors") ? settings.text("tensors") : "*",
                    settings.integer("epoch-steps")));

    @Override
    public Shape shape() {
        return CountedMean.SHAPE;
    }

    @Override
    public boolean selects() {
        return true;
    }

    @Override
    public Step step(Progress progress, Checkpoint checkpoint) {
        return step(progress, checkpoint, Sums.NONE);
    }

    /** The progress keeps the sum and the number of the noted distances. */
    @Override
    public Step step(Progress progress, Checkpoint checkpoint, Sums sums) {
        if (progress.updates() == 0) {
            return new Step(progress.enter(checkpoint, 1).with(List.of(0.0, 0.0)), List.of(1.0, 1.0));
        }
        TensorPolicy.Rule rule = new TensorPolicy.Rule(tensors, TensorPolicy.AVERAGE);
        double total = 0;
        double most = 0;
        int matched = 0;
        for (int i = 0; i < sums.averaged().size(); i++) {
            if (!sums.averaged().get(i).isEmpty()
                    && rule.matches(sums.averaged().get(i))) {
                double length = Math.sqrt(sums.byTensor().get(i)[0]);
                total += length;
                most = Math.max(most, length);
                matched++;
            }
        }
        if (matched == 0) {
            return Step.unfit(
                    progress.skip(checkpoint),
                    "tensors-unmatched: setting tensors: " + tensors + " matches no tensor that is averaged");
        }
        boolean anew = epoch(checkpoint.step()) > epoch(progress.newestStep());
        List<Double> notes = anew ? List.of(0.0, 0.0) : progress.sums();
        return decide(progress, checkpoint, largest ? most : total / matched, notes);
    }

    private static Step decide(Progress progress, Checkpoint checkpoint, double distance, List<Double> notes) {
        double sum = notes.get(0);
        double noted = notes.get(1);
        double bound = noted == 0 ? 0 : sum / noted;
        if (distance > bound) {
            Progress next = progress.enter(checkpoint, 1).with(List.of(distance, 1.0));
            return new Step(next, List.of(1.0, next.weight()));
        }
        List<Double> more = distance > 0 ? List.of(sum + distance, noted + 1) : notes;
        return Step.passBy(
                progress.skip(checkpoint).with(more),
                "too-near: " + distance + " from the average; enters: above " + bound);
    }

    private long epoch(long step) {
        return epochSteps == 0 ? 0 : Math.max(0, step - 1) / epochSteps;
    }
}
