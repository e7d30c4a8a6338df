@NullMarked
package dev.weir.topology.config;

import org.jspecify.annotations.NullMarked;
