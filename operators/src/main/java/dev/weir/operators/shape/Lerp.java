package dev.weir.operators.shape;

import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.tensor.Dtype;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * K2, the lerp recursion: m &lt;- fma(a, theta - m, m), coefficients [a]; a = 1 copies. Order-dependent. State: the mean
 * in f32, in f64 for f64 tensors.
 */
public final class Lerp implements Shape {
    public static final Lerp SHAPE = new Lerp();

    private Lerp() {}

    @Override
    public long stateBytes(Dtype dtype, int elements) {
        return (dtype == Dtype.F64 ? 8L : 4L) * elements;
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
            kernel.lerp64(state, theta, elements, coefficients.get(0));
        } else {
            kernel.lerp32(state, theta, dtype, elements, coefficients.get(0).floatValue());
        }
    }

    @Override
    public boolean emitsState(Dtype dtype) {
        return dtype == Dtype.F32 || dtype == Dtype.F64;
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
            kernel.round32(state, dtype, elements, out);
        }
    }

    @Override
    public double[] effectiveWeights(List<List<Double>> updates) {
        double[] weights = new double[updates.size()];
        double rest = 1;
        for (int i = weights.length - 1; i >= 0; i--) {
            double share = updates.get(i).get(0);
            weights[i] = rest * share;
            rest *= 1 - share;
        }
        return weights;
    }
}
