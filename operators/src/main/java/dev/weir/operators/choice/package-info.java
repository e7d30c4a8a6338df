/**
 * Choosing and combining candidates from evaluations: rankings of score tables, strengths from head-to-head counts,
 * weights of ensembles, calibration. Pure functions over small tables; greater scores are better.
 */
@NullMarked
package dev.weir.operators.choice;

import org.jspecify.annotations.NullMarked;
