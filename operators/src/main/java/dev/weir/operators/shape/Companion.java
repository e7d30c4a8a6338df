package dev.weir.operators.shape;

import dev.weir.schemas.tensor.Dtype;
import java.lang.foreign.MemorySegment;

/**
 * What comes beside a chunk of a checkpoint: a number for each of its elements, such as its Fisher information.
 *
 * @param bytes little-endian, as many elements as the chunk has
 * @param dtype a float dtype; f32 in a stream
 */
public record Companion(MemorySegment bytes, Dtype dtype) {}
