package dev.weir.operators;

import java.util.Locale;

/** What must be known before an element of the result can be computed. */
public enum Cost {
    /** Nothing but the element itself in every model. */
    ELEMENT,
    /** Sums over its tensor. */
    TENSOR,
    /** Sums over the whole model. */
    MODEL,
    /** The matrices of its layer, whole. */
    MATRIX,
    /** There is none: only evaluations are computed with. */
    EVALUATIONS;

    /** The word in documents. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
