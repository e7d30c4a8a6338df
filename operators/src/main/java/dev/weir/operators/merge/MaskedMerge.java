package dev.weir.operators.merge;

import java.util.List;

/**
 * K8 with masks that models bring beside their zeros: the weighted mean of models that have the same mask; see
 * {@link MaskedFold}.
 *
 * @param weights weight of each model, above 0
 */
public record MaskedMerge(List<Double> weights) implements Merge {
    public MaskedMerge {
        weights = List.copyOf(weights);
    }

    /** Share of each model, summing to 1. */
    public double[] shares() {
        return Coefficients.normalised(
                weights.stream().mapToDouble(Double::doubleValue).toArray());
    }
}
