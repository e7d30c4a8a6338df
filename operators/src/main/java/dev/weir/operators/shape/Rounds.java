package dev.weir.operators.shape;

import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.tensor.Dtype;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * K3, tumbling rounds over a base: base &lt;- base + share (mean of the round's models - base) when a round is complete; emitted
 * is that of the round so far. Coefficients [position, complete]: the model's position in its round from 1, 0 for the first
 * base, and whether the round is complete with it, 1 or 0. With a share of 1 there is no base, and a round's mean is all that
 * comes out of it. State: the running round's sum in f64 (for f64 tensors its mean), then, with a share below 1, the base in
 * f32, for f64 tensors in f64.
 *
 * @param share in [0, 1]
 */
public record Rounds(double share) implements Shape {
    private static final int BLOCK = 2_048;

    @Override
    public long stateBytes(Dtype dtype, int elements) {
        return (8L + (share < 1 ? wide(dtype).bytes() : 0)) * elements;
    }

    @Override
    public void update(
            Kernel kernel,
            MemorySegment state,
            MemorySegment theta,
            Dtype dtype,
            int elements,
            List<Double> coefficients) {
        double position = coefficients.get(0);
        if (position == 0) {
            double[] block = new double[BLOCK];
            for (int from = 0; from < elements; from += BLOCK) {
                int n = Math.min(BLOCK, elements - from);
                kernel.decode64(theta, dtype, from, n, block);
                kernel.encode64(block, n, wide(dtype), base(state, elements), from);
            }
            return;
        }
        WeightedMean.SHAPE.update(kernel, state, theta, dtype, elements, List.of(1.0, position));
        if (coefficients.get(1) == 1 && share < 1) {
            fuse(kernel, state, dtype, elements, position, wide(dtype), base(state, elements));
        }
    }

    @Override
    public void emit(
            Kernel kernel,
            MemorySegment state,
            Dtype dtype,
            int elements,
            List<Double> coefficients,
            MemorySegment out) {
        double position = coefficients.get(0);
        if (share == 1) {
            WeightedMean.SHAPE.emit(kernel, state, dtype, elements, List.of(1.0, position), out);
        } else {
            // The base of a complete round holds it already.
            fuse(kernel, state, dtype, elements, coefficients.get(1) == 1 ? 0 : position, dtype, out);
        }
    }

    /** Writes the base and the share of the round's mean, of no models the base; the target may be the base itself. */
    private void fuse(
            Kernel kernel,
            MemorySegment state,
            Dtype dtype,
            int elements,
            double models,
            Dtype targetDtype,
            MemorySegment target) {
        double[] base = new double[BLOCK];
        double[] mean = new double[BLOCK];
        for (int from = 0; from < elements; from += BLOCK) {
            int n = Math.min(BLOCK, elements - from);
            kernel.decode64(base(state, elements), wide(dtype), from, n, base);
            if (models > 0) {
                kernel.decode64(state, Dtype.F64, from, n, mean);
                double divisor = dtype == Dtype.F64 ? 1 : models;
                for (int i = 0; i < n; i++) {
                    base[i] = Math.fma(share, mean[i] / divisor - base[i], base[i]);
                }
            }
            kernel.encode64(base, n, targetDtype, target, from);
        }
    }

    @Override
    public double[] effectiveWeights(List<List<Double>> updates) {
        double[] weights = new double[updates.size()];
        double rest = 1;
        double size = 0;
        for (int i = weights.length - 1; i >= 0 && rest > 0; i--) {
            double position = updates.get(i).get(0);
            size = size == 0 ? position : size;
            weights[i] = position == 0 ? rest : rest * share / size;
            if (position <= 1) {
                rest *= position == 0 ? 0 : 1 - share;
                size = 0;
            }
        }
        return weights;
    }

    private static Dtype wide(Dtype dtype) {
        return dtype == Dtype.F64 ? Dtype.F64 : Dtype.F32;
    }

    private static MemorySegment base(MemorySegment state, int elements) {
        return state.asSlice(8L * elements);
    }
}
