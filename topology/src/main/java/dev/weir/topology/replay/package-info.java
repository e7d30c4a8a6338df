/** Folds a log again and compares. */
@NullMarked
package dev.weir.topology.replay;

import org.jspecify.annotations.NullMarked;
