/** The log-backed store: its content is the fold of one partition of its source topic. */
@NullMarked
package dev.weir.topology.store;

import org.jspecify.annotations.NullMarked;
