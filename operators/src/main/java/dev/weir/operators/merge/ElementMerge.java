package dev.weir.operators.merge;

/** K1 with a denominator of each element: weights come from a second file beside each model; see {@link ElementFold}. */
public non-sealed interface ElementMerge extends Merge {
    /** How the weights of a model are scaled, over all its elements, before they are used. */
    enum Normalisation {
        /** As they are. */
        NONE,
        /** To a mean of 1. */
        MEAN,
        /** To a Euclidean length of 1. */
        NORM
    }

    /** What the second files are called, such as fisher. */
    String side();

    Normalisation normalisation();

    /**
     * What makes weights of the numbers in the second files.
     *
     * @throws IllegalArgumentException when the number of models does not go with the settings
     */
    ElementWeights weights(int models);
}
