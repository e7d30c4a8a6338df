/** Weights that come back to trainers. */
@NullMarked
package dev.weir.clients.feedback;

import org.jspecify.annotations.NullMarked;
