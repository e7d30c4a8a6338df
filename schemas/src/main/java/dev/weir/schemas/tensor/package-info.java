/** How a model's weights are described, cut into chunks, numbered and digested. */
@NullMarked
package dev.weir.schemas.tensor;

import org.jspecify.annotations.NullMarked;
