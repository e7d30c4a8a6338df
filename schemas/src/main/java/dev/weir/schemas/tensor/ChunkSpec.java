package dev.weir.schemas.tensor;

/**
 * A slice of one tensor.
 *
 * @param index number in the whole layout, from 0
 * @param tensor index in {@link Layout#tensors()}
 * @param firstElement first element, counted from the tensor's start
 * @param elements number of elements, at least 1
 * @param tensorByteOffset first byte, counted from the tensor's start
 * @param byteSize size in bytes
 */
public record ChunkSpec(int index, int tensor, long firstElement, int elements, long tensorByteOffset, int byteSize) {}
