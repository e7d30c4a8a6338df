/** From acks to decisions and snapshots: the only place with a clock, and every verdict of it is a record. */
@NullMarked
package dev.weir.topology.coordinate;

import org.jspecify.annotations.NullMarked;
