/** A single-node Kafka broker inside this JVM. */
@NullMarked
package dev.weir.cli.broker;

import org.jspecify.annotations.NullMarked;
