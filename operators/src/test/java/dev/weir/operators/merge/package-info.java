@NullMarked
package dev.weir.operators.merge;

import org.jspecify.annotations.NullMarked;
