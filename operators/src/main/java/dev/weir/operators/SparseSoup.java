package dev.weir.operators;

import dev.weir.operators.setting.Setting;
import dev.weir.operators.shape.MaskedMean;
import dev.weir.operators.shape.Shape;
import java.util.List;

/**
 * Sparse model soup: the mean of models that were retrained from one pruned model with the same mask, theta = mask sum w_k
 * theta_k / sum w_k. The zeros stay where they are; a model with other zeros than the first passes by, because the mean
 * would be denser.
 *
 * <p>Source: Zimmer, Spiegel and Pokutta, Sparse Model Soups: A Recipe for Improved Pruning via Model Averaging (2024),
 * algorithm 1.
 *
 * @param weights w_k, of each model in the order in which they enter, in [1e-12, 1e12]; the last holds for all that follow;
 *     empty, the default: all 1
 */
public record SparseSoup(List<Double> weights) implements Operator {
    private static final double SMALLEST = 1e-12;
    private static final double LARGEST = 1e12;

    static final OperatorSpec SPEC = new OperatorSpec(
            "sparse-soup",
            "B13",
            "Sparse Model Soups: A Recipe for Improved Pruning via Model Averaging",
            "Zimmer et al. 2024, arXiv:2306.16788, algorithm 1",
            List.of(Setting.numbers(
                    "weights",
                    List.of(),
                    SMALLEST,
                    LARGEST,
                    "weight of each model; the last holds for those that follow; all alike when left out")),
            Facts.of(
                            "K4 reductions, then K8 masked mean",
                            "theta = mask (1 / M) sum theta_i, the mask of all models the same",
                            "For pruned models. The zeros of the first are the mask; a checkpoint with others passes by as"
                                    + " `mask-differs`. Over files that is an error, and --side mask=FILE, one for each model,"
                                    + " gives masks other than the zeros. Pruning, retraining with the mask, and BatchNorm"
                                    + " statistics are the trainer's part.")
                    .needing("mask")
                    .costing(Cost.MODEL)
                    .feedingBack(),
            settings -> new SparseSoup(settings.numbers("weights")));

    public SparseSoup {
        weights = List.copyOf(weights);
    }

    @Override
    public Shape shape() {
        return MaskedMean.SHAPE;
    }

    @Override
    public boolean selects() {
        return true;
    }

    @Override
    public Step step(Progress progress, Checkpoint checkpoint) {
        return step(progress, checkpoint, Sums.NONE);
    }

    @Override
    public Step step(Progress progress, Checkpoint checkpoint, Sums sums) {
        double all = 0;
        int first = -1;
        for (int i = 0; i < sums.byTensor().size(); i++) {
            double differ = sums.byTensor().get(i)[0];
            first = first < 0 && differ > 0 ? i : first;
            all += differ;
        }
        if (first >= 0) {
            return Step.unfit(
                    progress.skip(checkpoint),
                    "mask-differs: tensor " + sums.averaged().get(first) + " has "
                            + (long) sums.byTensor().get(first)[0] + " zeros more or fewer than the first model's, "
                            + (long) all + " in all tensors; allowed: the same zeros in every model");
        }
        double weight = weight(progress.updates());
        Progress next = progress.enter(checkpoint, weight);
        return new Step(next, List.of(weight, next.weight()));
    }

    /** The weight of the model that enters after so many. */
    public double weight(long number) {
        return weights.isEmpty() ? 1 : weights.get((int) Math.min(number, weights.size() - 1L));
    }
}
