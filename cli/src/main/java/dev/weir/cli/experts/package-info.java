/** A registry of experts: which models there are, of which base, and for what; from it merges on request. */
@NullMarked
package dev.weir.cli.experts;

import org.jspecify.annotations.NullMarked;
