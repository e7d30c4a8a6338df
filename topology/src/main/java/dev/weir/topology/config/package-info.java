/** How an application is told what to run. */
@NullMarked
package dev.weir.topology.config;

import org.jspecify.annotations.NullMarked;
