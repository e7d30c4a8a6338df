/** Solvers against NumPy and SciPy. */
@NullMarked
package dev.weir.operators.solve;

import org.jspecify.annotations.NullMarked;
