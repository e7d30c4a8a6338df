/** What operators make of a real data update, measured. */
@NullMarked
package dev.weir.it.results;

import org.jspecify.annotations.NullMarked;
