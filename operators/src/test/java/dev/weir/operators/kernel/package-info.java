@NullMarked
package dev.weir.operators.kernel;

import org.jspecify.annotations.NullMarked;
