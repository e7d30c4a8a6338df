/** The hidden units of a model file, brought into the order of another's. */
@NullMarked
package dev.weir.cli.align;

import org.jspecify.annotations.NullMarked;
