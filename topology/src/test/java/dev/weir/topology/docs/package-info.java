/** Pages under docs/ that are generated from the code; a test fails when one is stale. */
@NullMarked
package dev.weir.topology.docs;

import org.jspecify.annotations.NullMarked;
