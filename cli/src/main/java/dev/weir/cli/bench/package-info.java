/** What a benchmark is to the command; the benchmarks themselves are a module of their own. */
@NullMarked
package dev.weir.cli.bench;

import org.jspecify.annotations.NullMarked;
