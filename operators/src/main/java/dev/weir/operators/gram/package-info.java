/**
 * Merges of linear layers by least squares: the sums of Gram matrices and of their products with the weights are all that is
 * kept, in any order, and one symmetric system is solved at the end.
 */
@NullMarked
package dev.weir.operators.gram;

import org.jspecify.annotations.NullMarked;
