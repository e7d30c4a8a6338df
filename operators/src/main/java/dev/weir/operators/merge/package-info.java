/** Merges of whole models that are all at hand: coefficients for each tensor, weights for each element, masks. */
@NullMarked
package dev.weir.operators.merge;

import org.jspecify.annotations.NullMarked;
