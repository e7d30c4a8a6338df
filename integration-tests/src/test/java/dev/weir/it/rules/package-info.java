/** Which module may know which, checked on the class files. */
@NullMarked
package dev.weir.it.rules;

import org.jspecify.annotations.NullMarked;
