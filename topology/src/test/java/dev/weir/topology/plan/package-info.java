@NullMarked
package dev.weir.topology.plan;

import org.jspecify.annotations.NullMarked;
