/** Checkpoints on disk: safetensors files are read through memory maps and written in one canonical form. */
@NullMarked
package dev.weir.schemas.safetensors;

import org.jspecify.annotations.NullMarked;
