/** How fast Weir is, measured against this machine's own limits in the same run. */
@NullMarked
package dev.weir.benchmarks;

import org.jspecify.annotations.NullMarked;
