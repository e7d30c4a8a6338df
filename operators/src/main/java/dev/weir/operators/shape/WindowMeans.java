package dev.weir.operators.shape;

import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.tensor.Dtype;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * K3, tumbling windows: the means of the newest complete windows, emitted as their mean; coefficients [position, slot,
 * filled]: the checkpoint's position in its window from 1, the slot that takes the window's mean if it is complete with
 * this checkpoint, else -1, and how many slots are filled then. Before the first window is complete, its mean so far is
 * emitted. State: the running window's sum in f64 (for f64 tensors its mean), then the slots in f32, for f64 tensors in
 * f64.
 *
 * @param slots 1 or more
 */
public record WindowMeans(int slots) implements Shape {
    private static final int BLOCK = 2048;

    @Override
    public long stateBytes(Dtype dtype, int elements) {
        return (8L + (long) slots * slotDtype(dtype).bytes()) * elements;
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
        WeightedMean.SHAPE.update(kernel, state, theta, dtype, elements, List.of(1.0, position));
        int slot = coefficients.get(1).intValue();
        if (slot >= 0) {
            long bytes = (long) slotDtype(dtype).bytes() * elements;
            MemorySegment target = slots(state, elements).asSlice(slot * bytes, bytes);
            WeightedMean.SHAPE.emit(kernel, state, slotDtype(dtype), elements, List.of(1.0, position), target);
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
        int filled = coefficients.get(2).intValue();
        if (filled == 0) {
            WeightedMean.SHAPE.emit(kernel, state, dtype, elements, List.of(1.0, coefficients.get(0)), out);
            return;
        }
        double[] mean = new double[BLOCK];
        double[] block = new double[BLOCK];
        for (int from = 0; from < elements; from += BLOCK) {
            int n = Math.min(BLOCK, elements - from);
            Ring.mean(kernel, slots(state, elements), slotDtype(dtype), elements, filled, from, n, mean, block);
            kernel.encode64(mean, n, dtype, out, from);
        }
    }

    @Override
    public double[] effectiveWeights(List<List<Double>> updates) {
        double[] weights = new double[updates.size()];
        if (updates.isEmpty()) {
            return weights;
        }
        int filled = updates.getLast().get(2).intValue();
        int windows = Math.max(1, filled);
        int left = windows;
        double size = filled == 0 ? updates.getLast().get(0) : 0;
        for (int i = weights.length - 1; i >= 0; i--) {
            if (updates.get(i).get(1) >= 0) {
                size = updates.get(i).get(0);
            }
            if (size == 0) {
                continue;
            }
            weights[i] = 1 / (windows * size);
            if (updates.get(i).get(0) == 1) {
                left--;
                size = 0;
            }
            if (left == 0) {
                break;
            }
        }
        return weights;
    }

    private static Dtype slotDtype(Dtype dtype) {
        return dtype == Dtype.F64 ? Dtype.F64 : Dtype.F32;
    }

    private static MemorySegment slots(MemorySegment state, int elements) {
        return state.asSlice(8L * elements);
    }
}
