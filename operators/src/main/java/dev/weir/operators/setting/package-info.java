/** What an operator can be told, with ranges and defaults. */
@NullMarked
package dev.weir.operators.setting;

import org.jspecify.annotations.NullMarked;
