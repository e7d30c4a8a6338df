/** Flips between two models, compared offline, and shown: wherever the counts come from, they are shown by the same code. */
@NullMarked
package dev.weir.cli.flips;

import org.jspecify.annotations.NullMarked;
