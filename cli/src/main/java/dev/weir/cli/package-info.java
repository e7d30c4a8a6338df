/** The weir command: its entry point, its errors and exit codes. */
@NullMarked
package dev.weir.cli;

import org.jspecify.annotations.NullMarked;
