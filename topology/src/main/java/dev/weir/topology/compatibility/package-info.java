/** From predictions to comparisons and promotions: what a candidate would break. */
@NullMarked
package dev.weir.topology.compatibility;

import org.jspecify.annotations.NullMarked;
