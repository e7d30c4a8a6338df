/** One class per verb; {@link dev.weir.cli.verb.Verbs} lists them. */
@NullMarked
package dev.weir.cli.verb;

import org.jspecify.annotations.NullMarked;
