package dev.weir.operators.merge;

/** K8: the weighted mean of models that have the same zeros; see {@link MaskedFold}. */
public non-sealed interface MaskedMerge extends Merge {
    /** Share of each model, summing to 1. */
    double[] shares(int models);
}
