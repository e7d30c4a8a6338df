package dev.weir.operators.shape;

import dev.weir.operators.draw.Draws;
import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.tensor.Dtype;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The newest checkpoint with some of its elements set back to the first one's, each with a probability of its own draw;
 * coefficients [first, step, run]: 1 for the first checkpoint, else 0, its trainer step, and a number for its run. The
 * draw's key is (seed, run, step, tensor), its counter the element. State: the first checkpoint and the newest, in the
 * tensor's dtype.
 *
 * @param probability that an element is set back, in [0, 1]
 * @param seed of the draws
 */
public record Restore(double probability, long seed) implements Shape {
    private static final int BLOCK = 2048;

    @Override
    public long stateBytes(Dtype dtype, int elements) {
        return 2L * dtype.bytes() * elements;
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
        if (coefficients.get(0) == 1) {
            MemorySegment.copy(theta, 0, state, 0, bytes);
        }
        MemorySegment.copy(theta, 0, state, bytes, bytes);
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
        long bytes = (long) dtype.bytes() * elements;
        long key = Draws.key(
                seed, coefficients.get(2).longValue(), coefficients.get(1).longValue(), Draws.name(place.tensor()));
        double[] source = new double[BLOCK];
        double[] newest = new double[BLOCK];
        for (int from = 0; from < elements; from += BLOCK) {
            int n = Math.min(BLOCK, elements - from);
            kernel.decode64(state.asSlice(0, bytes), dtype, from, n, source);
            kernel.decode64(state.asSlice(bytes, bytes), dtype, from, n, newest);
            for (int i = 0; i < n; i++) {
                boolean restored = Draws.uniform(key, place.firstElement() + from + i) < probability;
                newest[i] = restored ? source[i] : newest[i];
            }
            kernel.encode64(newest, n, dtype, out, from);
        }
    }

    @Override
    public double[] effectiveWeights(List<List<Double>> updates) {
        double[] weights = new double[updates.size()];
        if (weights.length > 0) {
            weights[weights.length - 1] = 1 - probability;
        }
        for (int i = 0; i < weights.length; i++) {
            weights[i] += updates.get(i).get(0) == 1 ? probability : 0;
        }
        return weights;
    }
}
