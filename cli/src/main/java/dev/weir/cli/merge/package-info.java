/** Averages safetensors files without a broker: the same operators, the same bits. */
@NullMarked
package dev.weir.cli.merge;

import org.jspecify.annotations.NullMarked;
