@NullMarked
package dev.weir.topology.coordinate;

import org.jspecify.annotations.NullMarked;
