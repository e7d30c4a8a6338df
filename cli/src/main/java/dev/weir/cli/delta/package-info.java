/** Files that hold the exact difference of two safetensors files; see docs/adr/0012. */
@NullMarked
package dev.weir.cli.delta;

import org.jspecify.annotations.NullMarked;
