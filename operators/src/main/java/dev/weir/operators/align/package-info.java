/** Bringing the hidden units of a model into the order of another's, which leaves what it computes as it is. */
@NullMarked
package dev.weir.operators.align;

import org.jspecify.annotations.NullMarked;
