@NullMarked
package dev.weir.topology.store;

import org.jspecify.annotations.NullMarked;
