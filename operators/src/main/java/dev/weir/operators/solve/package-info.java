/** Linear systems, matrix games, quadratic programs and assignments. The only package that knows the solver library. */
@NullMarked
package dev.weir.operators.solve;

import org.jspecify.annotations.NullMarked;
