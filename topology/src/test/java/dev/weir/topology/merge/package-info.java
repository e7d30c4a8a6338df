@NullMarked
package dev.weir.topology.merge;

import org.jspecify.annotations.NullMarked;
