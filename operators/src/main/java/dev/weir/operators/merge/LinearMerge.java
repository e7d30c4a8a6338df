package dev.weir.operators.merge;

import java.util.List;
import java.util.Map;

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

    /** Globs over tensor names that settings gave, by setting: one that matches no tensor that is averaged is a mistake. */
    default Map<String, List<String>> patterns() {
        return Map.of();
    }

    /** Which elements are set to zero afterwards. */
    default Pruning pruning() {
        return Pruning.NONE;
    }
}
