/** How records become bytes and back: Confluent's wire format, and the registry that knows the schemas. */
@NullMarked
package dev.weir.schemas.wire;

import org.jspecify.annotations.NullMarked;
