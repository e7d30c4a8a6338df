package dev.weir.operators.shape;

import dev.weir.operators.draw.Draws;
import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.tensor.Dtype;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Mean, variance and the newest deviations, from which models are drawn; coefficients [n, column]: how many checkpoints
 * there are with this one, and the column that its deviation from the mean so far takes. The variance is Welford's sum of
 * squared deviations in f64, never a difference of squares. State: the sum in f64 (for f64 tensors the mean), the squared
 * deviations in f64, and the columns in f32, for f64 tensors in f64.
 *
 * <p>Draw d is mean + sqrt(scale) (sqrt(max(variance, 1e-30)) z + sum_k column_k y_k / sqrt(c - 1)) over the c columns
 * there are, z a normal of each element, y one of each column for all tensors; below two columns the sum is left out.
 *
 * @param columns deviations kept, 2 or more
 * @param draw number of the draw; 0 emits the mean
 * @param scale of the covariance
 * @param seed of the draws
 */
public record Moments(int columns, long draw, double scale, long seed) implements Shape {
    private static final int BLOCK = 2048;
    private static final double SMALLEST_VARIANCE = 1e-30;

    @Override
    public long stateBytes(Dtype dtype, int elements) {
        return (16L + (long) columns * columnDtype(dtype).bytes()) * elements;
    }

    @Override
    public void update(
            Kernel kernel,
            MemorySegment state,
            MemorySegment theta,
            Dtype dtype,
            int elements,
            List<Double> coefficients) {
        double n = coefficients.get(0);
        MemorySegment column =
                column(state, dtype, elements, coefficients.get(1).intValue());
        double[] before = new double[BLOCK];
        double[] mean = new double[BLOCK];
        double[] squares = new double[BLOCK];
        double[] value = new double[BLOCK];
        for (int from = 0; from < elements; from += BLOCK) {
            int count = Math.min(BLOCK, elements - from);
            kernel.decode64(theta, dtype, from, count, value);
            mean(kernel, state, dtype, elements, n - 1, from, count, before);
            int bytes = 8 * count;
            MemorySegment sums = state.asSlice(8L * from, bytes);
            MemorySegment values = theta.asSlice((long) dtype.bytes() * from, (long) dtype.bytes() * count);
            WeightedMean.SHAPE.update(kernel, sums, values, dtype, count, List.of(1.0, n));
            mean(kernel, state, dtype, elements, n, from, count, mean);
            MemorySegment squared = state.asSlice(8L * elements + 8L * from, bytes);
            kernel.decode64(squared, Dtype.F64, 0, count, squares);
            for (int i = 0; i < count; i++) {
                double deviation = value[i] - mean[i];
                squares[i] = n == 1 ? 0 : Math.fma(value[i] - before[i], deviation, squares[i]);
                value[i] = deviation;
            }
            kernel.encode64(squares, count, Dtype.F64, squared, 0);
            kernel.encode64(value, count, columnDtype(dtype), column, from);
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
        emit(kernel, state, dtype, elements, coefficients, Place.ANY, out);
    }

    @Override
    public void emit(
            Kernel kernel,
            MemorySegment state,
            Dtype dtype,
            int elements,
            List<Double> coefficients,
            Place place,
            MemorySegment out) {
        double n = coefficients.get(0);
        if (draw == 0) {
            WeightedMean.SHAPE.emit(kernel, state.asSlice(0, 8L * elements), dtype, elements, List.of(1.0, n), out);
            return;
        }
        int filled = (int) Math.min(n, columns);
        long key = Draws.key(seed, draw, 1, Draws.name(place.tensor()));
        double root = Math.sqrt(scale);
        double[] result = new double[BLOCK];
        double[] block = new double[BLOCK];
        for (int from = 0; from < elements; from += BLOCK) {
            int count = Math.min(BLOCK, elements - from);
            mean(kernel, state, dtype, elements, n, from, count, result);
            kernel.decode64(state.asSlice(8L * elements + 8L * from, 8L * count), Dtype.F64, 0, count, block);
            for (int i = 0; i < count; i++) {
                double deviation = Math.sqrt(Math.max(block[i] / n, SMALLEST_VARIANCE));
                result[i] += root * deviation * Draws.normal(key, place.firstElement() + from + i);
            }
            for (int k = 0; filled > 1 && k < filled; k++) {
                double share = root * Draws.normal(Draws.key(seed, draw, 2), k) / Math.sqrt(filled - 1.0);
                kernel.decode64(column(state, dtype, elements, k), columnDtype(dtype), from, count, block);
                for (int i = 0; i < count; i++) {
                    result[i] = Math.fma(share, block[i], result[i]);
                }
            }
            kernel.encode64(result, count, dtype, out, from);
        }
    }

    @Override
    public double[] effectiveWeights(List<List<Double>> updates) {
        double[] weights = new double[updates.size()];
        java.util.Arrays.fill(
                weights, updates.isEmpty() ? 0 : 1 / updates.getLast().get(0));
        return weights;
    }

    private static void mean(
            Kernel kernel,
            MemorySegment state,
            Dtype dtype,
            int elements,
            double n,
            int from,
            int count,
            double[] mean) {
        kernel.decode64(state.asSlice(0, 8L * elements), Dtype.F64, from, count, mean);
        if (dtype != Dtype.F64) {
            for (int i = 0; i < count; i++) {
                mean[i] /= n;
            }
        }
    }

    private static MemorySegment column(MemorySegment state, Dtype dtype, int elements, int column) {
        long bytes = (long) columnDtype(dtype).bytes() * elements;
        return state.asSlice(16L * elements + column * bytes, bytes);
    }

    private static Dtype columnDtype(Dtype dtype) {
        return dtype == Dtype.F64 ? Dtype.F64 : Dtype.F32;
    }
}
