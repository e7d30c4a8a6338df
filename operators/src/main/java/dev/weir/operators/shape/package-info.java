/** What operators have in common: the state of a chunk and how it is updated and emitted. */
@NullMarked
package dev.weir.operators.shape;

import org.jspecify.annotations.NullMarked;
