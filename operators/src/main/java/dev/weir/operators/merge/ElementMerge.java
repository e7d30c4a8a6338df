package dev.weir.operators.merge;

import dev.weir.operators.Normalisation;

/** K1 with a denominator of each element: weights come from a second file beside each model; see {@link ElementFold}. */
public non-sealed interface ElementMerge extends Merge {
    /** What the second files are called, such as fisher. */
    String side();

    /** How these are scaled, over all elements that are averaged, before they are used. */
    Normalisation normalisation();

    /**
     * What makes weights of the numbers in the second files.
     *
     * @throws IllegalArgumentException when the number of models does not go with the settings
     */
    ElementWeights weights(int models);
}
