@NullMarked
package dev.weir.operators;

import org.jspecify.annotations.NullMarked;
