/** Hashes in place of random numbers. */
@NullMarked
package dev.weir.operators.hash;

import org.jspecify.annotations.NullMarked;
