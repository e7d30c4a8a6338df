@NullMarked
package dev.weir.topology.compatibility;

import org.jspecify.annotations.NullMarked;
