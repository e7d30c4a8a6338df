@NullMarked
package dev.weir.operators.align;

import org.jspecify.annotations.NullMarked;
