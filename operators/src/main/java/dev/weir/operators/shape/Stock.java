package dev.weir.operators.shape;

import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.tensor.Dtype;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * K4, reduce, then apply: models that come one by one are added up as differences d from the first, the base, and none but the
 * base is kept. Two vectors hold all that the angles between any number of models need: sum d_i and u = sum d_i / |d_i|, as
 * |u|^2 = N+ + sum over i != j of cos(d_i, d_j). Before a model enters, each chunk is reduced to its parts of |d|^2 and of
 * d . u, u as it was before; |u|^2 follows from them by |u + d / |d||^2 = |u|^2 + 2 d . u / |d| + 1.
 *
 * <p>Coefficients: of the base [0]; of the n-th model [n], then for each tensor [|d|, t], t being how far from the base toward
 * the mean the tensor goes. State: the base in the tensor's dtype, then sum d and u, both in f64.
 */
public final class Stock implements Shape {
    public static final Stock SHAPE = new Stock();

    private static final int BLOCK = 2_048;

    private Stock() {}

    @Override
    public long stateBytes(Dtype dtype, int elements) {
        return (dtype.bytes() + 16L) * elements;
    }

    @Override
    public int reductions() {
        return 2;
    }

    @Override
    public double[] reduce(Kernel kernel, MemorySegment state, MemorySegment theta, Dtype dtype, int elements) {
        double[] d = new double[BLOCK];
        double[] block = new double[BLOCK];
        double[] sums = new double[2];
        for (int from = 0; from < elements; from += BLOCK) {
            int n = difference(kernel, state, theta, dtype, elements, from, d, block);
            sums[0] += kernel.dot64(d, d, n);
            kernel.decode64(directions(state, dtype, elements), Dtype.F64, from, n, block);
            sums[1] += kernel.dot64(d, block, n);
        }
        return sums;
    }

    @Override
    public List<Double> ofTensor(List<Double> coefficients, int tensor) {
        int row = 1 + 2 * tensor;
        return row < coefficients.size()
                ? List.of(coefficients.get(0), coefficients.get(row), coefficients.get(row + 1))
                : coefficients;
    }

    @Override
    public void update(
            Kernel kernel,
            MemorySegment state,
            MemorySegment theta,
            Dtype dtype,
            int elements,
            List<Double> coefficients) {
        if (coefficients.get(0) == 0) {
            base(state, dtype, elements).copyFrom(theta);
            return;
        }
        double length = coefficients.get(1);
        double[] d = new double[BLOCK];
        double[] block = new double[BLOCK];
        for (int from = 0; from < elements; from += BLOCK) {
            int n = difference(kernel, state, theta, dtype, elements, from, d, block);
            add(kernel, sum(state, dtype, elements), from, n, d, 1, block);
            if (length > 0) {
                add(kernel, directions(state, dtype, elements), from, n, d, 1 / length, block);
            }
        }
    }

    /** Writes base + t sum d / n; of the base alone, the base. */
    @Override
    public void emit(
            Kernel kernel,
            MemorySegment state,
            Dtype dtype,
            int elements,
            List<Double> coefficients,
            MemorySegment out) {
        if (coefficients.get(0) == 0) {
            out.copyFrom(base(state, dtype, elements));
            return;
        }
        double share = within(coefficients.get(2)) / coefficients.get(0);
        double[] result = new double[BLOCK];
        double[] block = new double[BLOCK];
        for (int from = 0; from < elements; from += BLOCK) {
            int n = Math.min(BLOCK, elements - from);
            kernel.decode64(base(state, dtype, elements), dtype, from, n, result);
            kernel.decode64(sum(state, dtype, elements), Dtype.F64, from, n, block);
            for (int i = 0; i < n; i++) {
                result[i] = Math.fma(share, block[i], result[i]);
            }
            kernel.encode64(result, n, dtype, out, from);
        }
    }

    /** Tensors whose t had to be kept within [0, 1]. */
    @Override
    public long clamped(List<Double> coefficients) {
        long clamped = 0;
        for (int i = 2; i < coefficients.size(); i += 2) {
            clamped += coefficients.get(i) != within(coefficients.get(i)) ? 1 : 0;
        }
        return clamped;
    }

    /** Each tensor has weights of its own; these are with the mean t of the tensors that the newest model moved. */
    @Override
    public double[] effectiveWeights(List<List<Double>> updates) {
        double[] weights = new double[updates.size()];
        if (weights.length == 0) {
            return weights;
        }
        List<Double> newest = updates.getLast();
        double sum = 0;
        int moved = 0;
        for (int i = 1; i < newest.size(); i += 2) {
            if (newest.get(i) > 0) {
                sum += within(newest.get(i + 1));
                moved++;
            }
        }
        double t = moved == 0 ? 0 : sum / moved;
        java.util.Arrays.fill(weights, t / Math.max(1, weights.length - 1));
        weights[0] = 1 - t;
        return weights;
    }

    private static double within(double t) {
        return Math.clamp(t, 0.0, 1.0);
    }

    private static MemorySegment base(MemorySegment state, Dtype dtype, int elements) {
        return state.asSlice(0, (long) dtype.bytes() * elements);
    }

    private static MemorySegment sum(MemorySegment state, Dtype dtype, int elements) {
        return state.asSlice((long) dtype.bytes() * elements, 8L * elements);
    }

    private static MemorySegment directions(MemorySegment state, Dtype dtype, int elements) {
        return state.asSlice((dtype.bytes() + 8L) * elements, 8L * elements);
    }

    private static int difference(
            Kernel kernel,
            MemorySegment state,
            MemorySegment theta,
            Dtype dtype,
            int elements,
            int from,
            double[] d,
            double[] block) {
        int n = Math.min(BLOCK, elements - from);
        kernel.decode64(theta, dtype, from, n, d);
        kernel.decode64(base(state, dtype, elements), dtype, from, n, block);
        for (int i = 0; i < n; i++) {
            d[i] -= block[i];
        }
        return n;
    }

    private static void add(
            Kernel kernel, MemorySegment into, int from, int n, double[] d, double scale, double[] block) {
        kernel.decode64(into, Dtype.F64, from, n, block);
        for (int i = 0; i < n; i++) {
            block[i] = Math.fma(scale, d[i], block[i]);
        }
        kernel.encode64(block, n, Dtype.F64, into, from);
    }
}
