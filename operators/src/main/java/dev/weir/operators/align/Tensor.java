package dev.weir.operators.align;

import java.util.Arrays;

/**
 * A tensor in memory.
 *
 * @param shape lengths of its axes
 * @param values in row order
 */
public record Tensor(int[] shape, double[] values) {

    public Tensor {
        if (Arrays.stream(shape).asLongStream().reduce(1, Math::multiplyExact) != values.length) {
            throw new IllegalArgumentException(
                    "tensor of shape " + Arrays.toString(shape) + ": " + values.length + " values");
        }
    }
}
