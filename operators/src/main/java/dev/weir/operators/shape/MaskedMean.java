package dev.weir.operators.shape;

import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.tensor.Dtype;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * K8, the weighted mean of models that have the same zeros as the first, their mask; 0 and -0 are both zeros. The mask is
 * compared and kept, never averaged: a tensor's elements that are zero in one of both, the first model and the next, are
 * counted (K4), and a model of which there are some may not enter. What is masked comes out as 0. Coefficients [w, W] and
 * arithmetic are those of {@link WeightedMean}. State: that one's, then a byte for each element, 1 where the first model is not
 * zero.
 */
public final class MaskedMean implements Shape {
    public static final MaskedMean SHAPE = new MaskedMean();

    private static final int BLOCK = 2_048;

    private MaskedMean() {}

    @Override
    public long stateBytes(Dtype dtype, int elements) {
        return 9L * elements;
    }

    @Override
    public int reductions() {
        return 1;
    }

    @Override
    public boolean reducesAgainstFirst() {
        return true;
    }

    @Override
    public double[] reduce(Kernel kernel, MemorySegment state, MemorySegment theta, Dtype dtype, int elements) {
        double[] model = new double[BLOCK];
        byte[] mask = new byte[BLOCK];
        long differ = 0;
        for (int from = 0; from < elements; from += BLOCK) {
            int n = Math.min(BLOCK, elements - from);
            kernel.decode64(theta, dtype, from, n, model);
            MemorySegment.copy(state, 8L * elements + from, MemorySegment.ofArray(mask), 0, n);
            for (int i = 0; i < n; i++) {
                differ += (model[i] == 0 ? 0 : 1) == mask[i] ? 0 : 1;
            }
        }
        return new double[] {differ};
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
        if (coefficients.get(0).equals(coefficients.get(1))) {
            mask(kernel, state, theta, dtype, elements);
        }
    }

    /** Keeps where the first model is zero, and its zeros as 0, which every further zero then leaves as it is. */
    private static void mask(Kernel kernel, MemorySegment state, MemorySegment theta, Dtype dtype, int elements) {
        double[] model = new double[BLOCK];
        double[] mean = new double[BLOCK];
        byte[] mask = new byte[BLOCK];
        for (int from = 0; from < elements; from += BLOCK) {
            int n = Math.min(BLOCK, elements - from);
            kernel.decode64(theta, dtype, from, n, model);
            kernel.decode64(state, Dtype.F64, from, n, mean);
            for (int i = 0; i < n; i++) {
                mask[i] = (byte) (model[i] == 0 ? 0 : 1);
                mean[i] = model[i] == 0 ? 0 : mean[i];
            }
            kernel.encode64(mean, n, Dtype.F64, state, from);
            MemorySegment.copy(MemorySegment.ofArray(mask), 0, state, 8L * elements + from, n);
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
        WeightedMean.SHAPE.emit(kernel, state, dtype, elements, coefficients, out);
    }

    @Override
    public double[] effectiveWeights(List<List<Double>> updates) {
        return WeightedMean.SHAPE.effectiveWeights(updates);
    }
}
