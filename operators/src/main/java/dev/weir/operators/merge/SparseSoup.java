package dev.weir.operators.merge;

import dev.weir.operators.Facts;
import dev.weir.operators.setting.Setting;
import java.util.List;

/**
 * Sparse model soup: the mean of models that were retrained from one pruned model with the same mask. The zeros stay where
 * they are; models with other zeros are refused, because their mean would be denser.
 *
 * <p>Source: Zimmer, Spiegel and Pokutta, Sparse Model Soups: A Recipe for Improved Pruning via Model Averaging (2024),
 * algorithm 1.
 *
 * @param weights one for each model; empty: equal
 */
record SparseSoup(List<Double> weights) implements MaskedMerge {

    static final MergeSpec SPEC = new MergeSpec(
            "sparse-soup",
            "B13",
            "Sparse Model Soups: A Recipe for Improved Pruning via Model Averaging",
            "Zimmer et al. 2024, arXiv:2306.16788, algorithm 1",
            List.of(Setting.numbers("weights", List.of(), 0, 1e12, "weight of each model; equal when left out")),
            Facts.of(
                            "K8 masked mean",
                            "theta = mask (1 / M) sum theta_i, the mask of all models the same",
                            "For pruned models. The zeros of the models are their masks, or --side mask=FILE gives them, one"
                                    + " for each model. Pruning, retraining with the mask, and BatchNorm statistics are the"
                                    + " trainer's part.")
                    .feedingBack(),
            MergeSpec.MODELS,
            settings -> new SparseSoup(settings.numbers("weights")));

    SparseSoup {
        weights = List.copyOf(weights);
    }

    @Override
    public double[] shares(int models) {
        return Weights.shares("sparse-soup", "weights", weights, models);
    }
}
