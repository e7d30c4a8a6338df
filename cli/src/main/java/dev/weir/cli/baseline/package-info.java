/** Publishes the weights of the baseline in service into the log, for whatever is mixed with them. */
@NullMarked
package dev.weir.cli.baseline;

import org.jspecify.annotations.NullMarked;
