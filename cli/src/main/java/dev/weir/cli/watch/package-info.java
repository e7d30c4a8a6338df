/** Checkpoints as trainers write them into a directory. */
@NullMarked
package dev.weir.cli.watch;

import org.jspecify.annotations.NullMarked;
