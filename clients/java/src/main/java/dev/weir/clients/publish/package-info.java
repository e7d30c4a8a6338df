/** How trainers hand in checkpoints and learn what became of them. */
@NullMarked
package dev.weir.clients.publish;

import org.jspecify.annotations.NullMarked;
