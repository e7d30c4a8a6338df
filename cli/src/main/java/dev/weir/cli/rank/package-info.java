/** Candidates, ranked offline from tables of scores, of wins or of predictions. */
@NullMarked
package dev.weir.cli.rank;

import org.jspecify.annotations.NullMarked;
