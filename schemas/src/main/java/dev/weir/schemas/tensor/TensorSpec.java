package dev.weir.schemas.tensor;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What a tensor is called and what it holds.
 *
 * @param name unique in its layout; 1 to 4,096 characters, well-formed Unicode without a 0, and not
 *     {@code __metadata__}, which safetensors reserves
 * @param dtype type of its elements
 * @param shape lengths of its dimensions, outermost first; empty for a scalar; at most 64
 */
public record TensorSpec(String name, Dtype dtype, List<Long> shape) {

    /** Characters of a name at most. */
    public static final int MAX_NAME = 4_096;

    /** Dimensions of a tensor at most. */
    public static final int MAX_RANK = 64;

    /**
     * Checks every component.
     *
     * @throws IllegalArgumentException if the name or a dimension is not allowed, or the size in bytes exceeds a long
     */
    public TensorSpec {
        checkName(name);
        if (shape.size() > MAX_RANK) {
            throw new IllegalArgumentException(
                    "tensor " + name + " has " + shape.size() + " dimensions, at most " + MAX_RANK + " are allowed");
        }
        shape = List.copyOf(shape);
        for (long length : shape) {
            if (length < 0) {
                throw new IllegalArgumentException(
                        "tensor " + name + " has shape " + shape + ", dimensions must be 0 or more");
            }
        }
        try {
            Math.multiplyExact(product(shape), (long) dtype.bytes());
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(
                    "tensor " + name + " has shape " + shape + " of " + dtype + ", its size in bytes exceeds a long",
                    e);
        }
    }

    /** Number of elements: the product of the dimensions, 1 for a scalar. */
    public long elements() {
        return product(shape);
    }

    /** Size in bytes. */
    public long byteSize() {
        return product(shape) * dtype.bytes();
    }

    byte[] nameBytes() {
        return name.getBytes(StandardCharsets.UTF_8);
    }

    private static void checkName(String name) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("a tensor's name must not be empty");
        }
        if (name.length() > MAX_NAME) {
            throw new IllegalArgumentException("the tensor's name " + name.substring(0, 40) + "... has " + name.length()
                    + " characters, at most " + MAX_NAME + " are allowed");
        }
        if (name.indexOf(0) >= 0) {
            throw new IllegalArgumentException("the tensor's name " + name.replace("\0", "\\0")
                    + " has a 0 at character " + name.indexOf(0) + ", which is not allowed");
        }
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(name)) {
            throw new IllegalArgumentException("the tensor's name " + name + " has half a surrogate pair");
        }
        if (name.equals("__metadata__")) {
            throw new IllegalArgumentException("the tensor's name __metadata__ is reserved by safetensors");
        }
    }

    private static long product(List<Long> shape) {
        long elements = 1;
        for (long length : shape) {
            elements = Math.multiplyExact(elements, length);
        }
        return elements;
    }
}
