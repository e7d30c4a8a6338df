package dev.weir.operators.merge;

import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.tensor.Dtype;
import java.lang.foreign.MemorySegment;

/**
 * Model stock over one chunk of a stream, where models come one by one and none but the base is kept: the two vectors sum d_i
 * and u = sum d_i / |d_i| hold all that is needed of any number of models. Two reductions (K4) belong to it, each a partial
 * of the chunk, added in the order of the chunks: {@link #squaredLength} of a model before it enters, whose root is |d| of
 * the tensor, and {@link #squaredDirections} before an emission, whose sum gives t by {@link #ratio}.
 *
 * <p>State: the base in the tensor's dtype, then sum d and u, both in f64; {@link #stateBytes} of them, zeros at first.
 *
 * <p>Source: Jang et al., Model Stock: All we need is just a few fine-tuned models (2024), section 4; that two vectors suffice
 * follows from |u|^2 = N+ + sum over i != j of cos(d_i, d_j).
 */
public final class StockFold {
    private static final int BLOCK = 2_048;

    private final Kernel kernel;
    private final Dtype dtype;
    private final int elements;
    private final MemorySegment base;
    private final MemorySegment sum;
    private final MemorySegment directions;

    /** @param state {@link #stateBytes} bytes, used in place */
    public StockFold(Kernel kernel, Dtype dtype, int elements, MemorySegment state) {
        this.kernel = kernel;
        this.dtype = dtype;
        this.elements = elements;
        long own = (long) dtype.bytes() * elements;
        this.base = state.asSlice(0, own);
        this.sum = state.asSlice(own, 8L * elements);
        this.directions = state.asSlice(own + 8L * elements, 8L * elements);
    }

    /** Bytes of state for so many elements. */
    public static long stateBytes(Dtype dtype, int elements) {
        return (dtype.bytes() + 16L) * elements;
    }

    /** Begins with the base. */
    public void base(MemorySegment theta) {
        base.copyFrom(theta);
    }

    /** The chunk's part of |d|^2, d = theta - base. */
    public double squaredLength(MemorySegment theta) {
        double[] d = new double[BLOCK];
        double[] block = new double[BLOCK];
        double square = 0;
        for (int from = 0; from < elements; from += BLOCK) {
            int n = difference(theta, from, d, block);
            square += kernel.dot64(d, d, n);
        }
        return square;
    }

    /** @param length |d| over the whole tensor; a d of 0 has no direction */
    public void add(MemorySegment theta, double length) {
        double[] d = new double[BLOCK];
        double[] block = new double[BLOCK];
        for (int from = 0; from < elements; from += BLOCK) {
            int n = difference(theta, from, d, block);
            accumulate(sum, from, n, d, 1, block);
            if (length > 0) {
                accumulate(directions, from, n, d, 1 / length, block);
            }
        }
    }

    /** The chunk's part of |u|^2. */
    public double squaredDirections() {
        double[] block = new double[BLOCK];
        double square = 0;
        for (int from = 0; from < elements; from += BLOCK) {
            int n = Math.min(BLOCK, elements - from);
            kernel.decode64(directions, Dtype.F64, from, n, block);
            square += kernel.dot64(block, block, n);
        }
        return square;
    }

    /**
     * How far to go from the base toward the mean, before it is kept within [0, 1].
     *
     * @param squaredDirections |u|^2 over the whole tensor
     * @param moved models whose d is not 0
     * @param n models, 1 or more
     */
    public static double ratio(double squaredDirections, int moved, int n) {
        if (n == 1) {
            return moved;
        }
        double cosine = (squaredDirections - moved) / ((double) n * (n - 1));
        return n * cosine / (1 + (n - 1) * cosine);
    }

    /** Writes base + t sum d / n, rounded to nearest even. */
    public void emit(double t, int n, MemorySegment out) {
        double[] result = new double[BLOCK];
        double[] block = new double[BLOCK];
        double share = Math.clamp(t, 0.0, 1.0) / n;
        for (int from = 0; from < elements; from += BLOCK) {
            int count = Math.min(BLOCK, elements - from);
            kernel.decode64(base, dtype, from, count, result);
            kernel.decode64(sum, Dtype.F64, from, count, block);
            for (int i = 0; i < count; i++) {
                result[i] = Math.fma(share, block[i], result[i]);
            }
            kernel.encode64(result, count, dtype, out, from);
        }
    }

    private int difference(MemorySegment theta, int from, double[] d, double[] block) {
        int n = Math.min(BLOCK, elements - from);
        kernel.decode64(theta, dtype, from, n, d);
        kernel.decode64(base, dtype, from, n, block);
        for (int i = 0; i < n; i++) {
            d[i] -= block[i];
        }
        return n;
    }

    private void accumulate(MemorySegment into, int from, int n, double[] d, double scale, double[] block) {
        kernel.decode64(into, Dtype.F64, from, n, block);
        for (int i = 0; i < n; i++) {
            block[i] = Math.fma(scale, d[i], block[i]);
        }
        kernel.encode64(block, n, Dtype.F64, into, from);
    }
}
