/** Averages of a running Weir after the fact: another plan over its log, other widths from its snapshots. */
@NullMarked
package dev.weir.cli.after;

import org.jspecify.annotations.NullMarked;
