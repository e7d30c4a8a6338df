/** How records flow: the two applications, merge and coordinate. */
@NullMarked
package dev.weir.topology;

import org.jspecify.annotations.NullMarked;
