/** From deltas to merged: the fold over a partition's log, and the topology around it. */
@NullMarked
package dev.weir.topology.merge;

import org.jspecify.annotations.NullMarked;
