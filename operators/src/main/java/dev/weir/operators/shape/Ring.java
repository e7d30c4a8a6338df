package dev.weir.operators.shape;

import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.tensor.Dtype;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * K3, the ring: the newest checkpoints as they came, emitted as their mean; coefficients [slot, filled], the slot that the
 * checkpoint takes and how many are filled then, from slot 0 on. The mean is formed anew at every emission, in f64 and in
 * the order of the slots, so that nothing drifts. State: the slots, in the tensor's dtype.
 *
 * @param slots 1 or more
 */
public record Ring(int slots) implements Shape {
    private static final int BLOCK = 2048;

    @Override
    public long stateBytes(Dtype dtype, int elements) {
        return (long) slots * dtype.bytes() * elements;
    }

    @Override
    public void update(
            Kernel kernel,
            MemorySegment state,
            MemorySegment theta,
            Dtype dtype,
            int elements,
            List<Double> coefficients) {
        long bytes = (long) dtype.bytes() * elements;
        MemorySegment.copy(theta, 0, state, coefficients.get(0).longValue() * bytes, bytes);
    }

    @Override
    public void emit(
            Kernel kernel,
            MemorySegment state,
            Dtype dtype,
            int elements,
            List<Double> coefficients,
            MemorySegment out) {
        int filled = coefficients.get(1).intValue();
        double[] mean = new double[BLOCK];
        double[] block = new double[BLOCK];
        for (int from = 0; from < elements; from += BLOCK) {
            int n = Math.min(BLOCK, elements - from);
            mean(kernel, state, dtype, elements, filled, from, n, mean, block);
            kernel.encode64(mean, n, dtype, out, from);
        }
    }

    /** The mean of the first slots: a sum and a division, for f64 a running mean, so that a constant stays what it is. */
    static void mean(
            Kernel kernel,
            MemorySegment slots,
            Dtype dtype,
            int elements,
            int filled,
            int from,
            int n,
            double[] mean,
            double[] block) {
        long bytes = (long) dtype.bytes() * elements;
        kernel.decode64(slots, dtype, from, n, mean);
        for (int slot = 1; slot < filled; slot++) {
            kernel.decode64(slots.asSlice(slot * bytes, bytes), dtype, from, n, block);
            if (dtype == Dtype.F64) {
                double share = 1.0 / (slot + 1);
                for (int i = 0; i < n; i++) {
                    mean[i] = Math.fma(share, block[i] - mean[i], mean[i]);
                }
            } else {
                for (int i = 0; i < n; i++) {
                    mean[i] += block[i];
                }
            }
        }
        if (dtype != Dtype.F64) {
            for (int i = 0; i < n; i++) {
                mean[i] /= filled;
            }
        }
    }

    @Override
    public double[] effectiveWeights(List<List<Double>> updates) {
        double[] weights = new double[updates.size()];
        int filled = updates.isEmpty() ? 0 : updates.getLast().get(1).intValue();
        for (int i = Math.max(0, weights.length - filled); i < weights.length; i++) {
            weights[i] = 1.0 / filled;
        }
        return weights;
    }
}
