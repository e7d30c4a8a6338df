/** Random numbers that are functions of a key and a counter. */
@NullMarked
package dev.weir.operators.draw;

import org.jspecify.annotations.NullMarked;
