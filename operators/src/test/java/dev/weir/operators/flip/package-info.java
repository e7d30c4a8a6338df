@NullMarked
package dev.weir.operators.flip;

import org.jspecify.annotations.NullMarked;
