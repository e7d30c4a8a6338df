@NullMarked
package dev.weir.operators.shape;

import org.jspecify.annotations.NullMarked;
