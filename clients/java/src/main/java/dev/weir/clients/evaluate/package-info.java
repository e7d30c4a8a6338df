/** How evaluators hand in predictions. */
@NullMarked
package dev.weir.clients.evaluate;

import org.jspecify.annotations.NullMarked;
