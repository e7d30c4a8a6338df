/** What to maintain for a model. */
@NullMarked
package dev.weir.topology.plan;

import org.jspecify.annotations.NullMarked;
