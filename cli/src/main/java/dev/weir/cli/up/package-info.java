/** The supervisor behind {@code weir up}: child processes, their restarts, status over HTTP. */
@NullMarked
package dev.weir.cli.up;

import org.jspecify.annotations.NullMarked;
