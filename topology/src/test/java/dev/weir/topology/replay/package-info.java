@NullMarked
package dev.weir.topology.replay;

import org.jspecify.annotations.NullMarked;
