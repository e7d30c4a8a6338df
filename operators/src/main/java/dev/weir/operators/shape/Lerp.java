package dev.weir.operators.shape;

import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.tensor.Dtype;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * K2, the lerp recursion: m &lt;- fma(a, theta - m, m), coefficients [a]; a = 1 copies. Order-dependent. State: the mean
 * in f32, in f64 for f64 tensors.
 *
 * <p>While one and the same theta enters again and again with a_1 .. a_n, the mean may be left as it is: all of them together
 * are one step fma(s, theta - m, m) with s = 1 - (1 - a_1) .. (1 - a_n), kept as s &lt;- fma(a, 1 - s, s) in f64. One alone gives
 * s = a, and so the bits of the step itself. Two roundings of at most 2^-54 an update, shrunk by 1 - a at each following one,
 * leave s within (n - 1) 2^-53 of its value. With m' = m + s (theta - m) in real numbers, the value is within
 *
 * <ul>
 *   <li>2^-24 (2 |theta - m| + |m'|) + n 2^-53 |theta - m| of m' where the state is f32 (s rounds to f32, then theta - m, then
 *       the sum),
 *   <li>2^-53 (n |theta - m| + |m'|) where it is f64,
 * </ul>
 *
 * <p>each times 1 + 2^-20 for the products of roundings, and a subnormal's half. Step by step, each of the n steps rounds as
 * much as all of them do here: up to n 2^-24 |m'| (n 2^-53 in f64), and once a |theta - m| is less than half a unit in m's last
 * place the mean stands still, theta never reached.
 */
public final class Lerp implements Shape {
    public static final Lerp SHAPE = new Lerp();

    /** Elements of a narrow dtype that are decoded at a time. */
    private static final int BLOCK = 2048;

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

    /**
     * The share that theta has after one more update by it.
     *
     * @param share its share so far, in [0, 1]; 0: there was none
     * @param a the update's coefficient, in [0, 1]
     */
    public static double repeated(double share, double a) {
        return a == 1 ? 1 : Math.fma(a, 1 - share, share);
    }

    /** Whether the mean is exactly this chunk, bit for bit. */
    public boolean holds(Kernel kernel, MemorySegment state, MemorySegment theta, Dtype dtype, int elements) {
        if (emitsState(dtype)) {
            return state.mismatch(theta) < 0;
        }
        // Off the heap as all that kernels see: a loop over memory of two kinds is not vectorised.
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment decoded = arena.allocate(4L * BLOCK, 64);
            for (int from = 0; from < elements; from += BLOCK) {
                int n = Math.min(BLOCK, elements - from);
                kernel.lerp32(decoded, theta.asSlice((long) dtype.bytes() * from), dtype, n, 1);
                if (MemorySegment.mismatch(state, 4L * from, 4L * (from + n), decoded, 0, 4L * n) >= 0) {
                    return false;
                }
            }
            return true;
        }
    }

    /**
     * As {@link #emit}, after updates by theta that the state does not contain yet; the state stays as it is.
     *
     * @param share what {@link #repeated} says of them
     */
    public void emitWith(
            Kernel kernel,
            MemorySegment state,
            MemorySegment theta,
            double share,
            Dtype dtype,
            int elements,
            MemorySegment out) {
        List<Double> coefficients = List.of(share);
        if (emitsState(dtype)) {
            MemorySegment.copy(state, 0, out, 0, stateBytes(dtype, elements));
            update(kernel, out, theta, dtype, elements, coefficients);
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mean = arena.allocate(4L * BLOCK, 64);
            for (int from = 0; from < elements; from += BLOCK) {
                int n = Math.min(BLOCK, elements - from);
                long at = (long) dtype.bytes() * from;
                MemorySegment.copy(state, 4L * from, mean, 0, 4L * n);
                update(kernel, mean, theta.asSlice(at), dtype, n, coefficients);
                kernel.round32(mean, dtype, n, out.asSlice(at));
            }
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
