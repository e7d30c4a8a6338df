package dev.weir.operators.shape;

import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.tensor.Dtype;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;

/**
 * {@link WeightedMean} with its sum of weights beside it, so that a checkpoint has a distance from it before it enters (K4):
 * |theta - mean|^2 of each tensor. Coefficients and arithmetic are that one's. State: that one's, then W in f64, once.
 */
public final class CountedMean implements Shape {
    public static final CountedMean SHAPE = new CountedMean();

    private static final int BLOCK = 2_048;
    private static final ValueLayout.OfDouble F64 =
            ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private CountedMean() {}

    @Override
    public long stateBytes(Dtype dtype, int elements) {
        return 8L * elements + 8;
    }

    @Override
    public int reductions() {
        return 1;
    }

    @Override
    public double[] reduce(Kernel kernel, MemorySegment state, MemorySegment theta, Dtype dtype, int elements) {
        double divisor = dtype == Dtype.F64 ? 1 : state.get(F64, 8L * elements);
        double[] difference = new double[BLOCK];
        double[] sum = new double[BLOCK];
        double square = 0;
        for (int from = 0; from < elements; from += BLOCK) {
            int n = Math.min(BLOCK, elements - from);
            kernel.decode64(theta, dtype, from, n, difference);
            kernel.decode64(state, Dtype.F64, from, n, sum);
            for (int i = 0; i < n; i++) {
                difference[i] -= sum[i] / divisor;
            }
            square += kernel.dot64(difference, difference, n);
        }
        return new double[] {square};
    }

    @Override
    public void update(
            Kernel kernel,
            MemorySegment state,
            MemorySegment theta,
            Dtype dtype,
            int elements,
            List<Double> coefficients) {
        WeightedMean.SHAPE.update(kernel, state, theta, dtype, elements, coefficients);
        state.set(F64, 8L * elements, coefficients.get(1));
    }

    @Override
    public void emit(
            Kernel kernel,
            MemorySegment state,
            Dtype dtype,
            int elements,
            List<Double> coefficients,
            MemorySegment out) {
        WeightedMean.SHAPE.emit(kernel, state, dtype, elements, coefficients, out);
    }

    @Override
    public double[] effectiveWeights(List<List<Double>> updates) {
        return WeightedMean.SHAPE.effectiveWeights(updates);
    }
}
