/** How weights combine: pure operators. Knows no Kafka, no clock, no log and no I/O. */
@NullMarked
package dev.weir.operators;

import org.jspecify.annotations.NullMarked;
