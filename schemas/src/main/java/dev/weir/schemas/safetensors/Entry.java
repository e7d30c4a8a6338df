package dev.weir.schemas.safetensors;

import dev.weir.schemas.tensor.TensorSpec;

/**
 * A tensor of a header.
 *
 * @param spec what it is
 * @param begin its first byte, counted from the start of the data section
 * @param end the byte behind its last, counted likewise
 * @param headerOffset byte of the file at which the header speaks of it
 */
record Entry(TensorSpec spec, long begin, long end, long headerOffset) {}
