/** Asks a model's coordinator to maintain something else. */
@NullMarked
package dev.weir.clients.plan;

import org.jspecify.annotations.NullMarked;
