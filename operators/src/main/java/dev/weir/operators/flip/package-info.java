/** Negative flips: what an update breaks and mends, counted, with intervals and tests. */
@NullMarked
package dev.weir.operators.flip;

import org.jspecify.annotations.NullMarked;
