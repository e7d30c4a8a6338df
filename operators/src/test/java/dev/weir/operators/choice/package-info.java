@NullMarked
package dev.weir.operators.choice;

import org.jspecify.annotations.NullMarked;
