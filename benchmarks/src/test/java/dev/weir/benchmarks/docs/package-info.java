/** Pages under docs/ that are made of the reports in docs/bench, and a check of these reports' shape. */
@NullMarked
package dev.weir.benchmarks.docs;

import org.jspecify.annotations.NullMarked;
