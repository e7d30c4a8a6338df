package dev.weir.operators.merge;

/** K6: every tensor is a linear combination of the models, whose coefficients sum to 1; see {@link CombinationFold}. */
public non-sealed interface LinearMerge extends Merge {
    /** Whether the coefficients depend on {@link Gram}s (K4): then the models are read twice. */
    default boolean needsGrams() {
        return false;
    }

    /**
     * The coefficients.
     *
     * @throws IllegalArgumentException when the models, their number or their steps do not go with the settings
     */
    Coefficients coefficients(Models models);

    /** Which elements are set to zero afterwards. */
    default Pruning pruning() {
        return Pruning.NONE;
    }
}
