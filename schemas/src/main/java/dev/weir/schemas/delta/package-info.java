/** How a chunk travels as an exact difference against an earlier one of the same shape; see docs/adr/0012. */
@NullMarked
package dev.weir.schemas.delta;

import org.jspecify.annotations.NullMarked;
