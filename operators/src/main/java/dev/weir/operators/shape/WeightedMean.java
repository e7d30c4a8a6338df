package dev.weir.operators.shape;

import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.tensor.Dtype;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * K1, the weighted-mean monoid: sum &lt;- sum + w theta in f64, emitted as sum / W; coefficients [w, W], where W is the sum
 * of weights up to and including this one. Order-free as long as the f64 sums are exact, which they are for equal
 * weights of f32 values within 29 binary orders of magnitude; beyond, within f64 rounding. State: the sum in f64. For f64
 * tensors, whose sums would round, the state is the mean itself, m &lt;- fma(w / W, theta - m, m): a constant stays what it
 * is, and the order counts within f64 rounding. An update with w = W begins the mean again: what was before counts no
 * longer. Of a longer state, only the beginning is touched: a shape may keep more behind it.
 */
public final class WeightedMean implements Shape {
    public static final WeightedMean SHAPE = new WeightedMean();

    private WeightedMean() {}

    @Override
    public long stateBytes(Dtype dtype, int elements) {
        return 8L * elements;
    }

    @Override
    public void update(
            Kernel kernel,
            MemorySegment state,
            MemorySegment theta,
            Dtype dtype,
            int elements,
            List<Double> coefficients) {
        if (dtype == Dtype.F64) {
            kernel.lerp64(state, theta, elements, coefficients.get(0) / coefficients.get(1));
        } else {
            if (begins(coefficients)) {
                state.asSlice(0, 8L * elements).fill((byte) 0);
            }
            kernel.addScaled64(state, theta, dtype, elements, coefficients.get(0));
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
        if (dtype == Dtype.F64) {
            MemorySegment.copy(state, 0, out, 0, 8L * elements);
        } else {
            kernel.divideRound64(state, dtype, elements, coefficients.get(1), out);
        }
    }

    @Override
    public double[] effectiveWeights(List<List<Double>> updates) {
        double[] weights = new double[updates.size()];
        double total = updates.isEmpty() ? 1 : updates.getLast().get(1);
        for (int i = weights.length - 1; i >= 0; i--) {
            weights[i] = updates.get(i).get(0) / total;
            if (begins(updates.get(i))) {
                break;
            }
        }
        return weights;
    }

    private static boolean begins(List<Double> coefficients) {
        return coefficients.get(0).equals(coefficients.get(1));
    }
}
