/** Every topic of a model: its name, its records, how long they stay. */
@NullMarked
package dev.weir.schemas.topic;

import org.jspecify.annotations.NullMarked;
