@NullMarked
package dev.weir.operators.gram;

import org.jspecify.annotations.NullMarked;
