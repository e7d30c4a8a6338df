package dev.weir.operators.shape;

import dev.weir.operators.kernel.Kernel;
import dev.weir.operators.merge.CombinationFold;
import dev.weir.schemas.tensor.Dtype;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/**
 * K6 over checkpoints that are held as they came; an update's coefficients are [slot], the slot that the checkpoint takes,
 * those of an emission one for each slot, summing to 1, in the arithmetic of {@link CombinationFold}. State: the slots, in
 * the tensor's dtype.
 *
 * @param models slots, 2 or more
 */
public record Stored(int models) implements Shape {
    @Override
    public long stateBytes(Dtype dtype, int elements) {
        return (long) models * dtype.bytes() * elements;
    }

    /**
     * The coefficients of one tensor.
     *
     * @param coefficients one for each slot, or so many for each tensor, one tensor after the other
     */
    public List<Double> row(List<Double> coefficients, int tensor) {
        return coefficients.size() <= models
                ? coefficients
                : coefficients.subList(tensor * models, (tensor + 1) * models);
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
        double[] row = coefficients.stream().mapToDouble(Double::doubleValue).toArray();
        long bytes = (long) dtype.bytes() * elements;
        int reference = CombinationFold.reference(row);
        CombinationFold fold = new CombinationFold(kernel);
        fold.begin(state.asSlice(reference * bytes, bytes), dtype, elements);
        for (int model = 0; model < models; model++) {
            if (model != reference && row[model] != 0) {
                fold.add(state.asSlice(model * bytes, bytes), dtype, elements, row[model]);
            }
        }
        fold.emit(dtype, elements, out);
    }

    /** Those of the plain mean of what is held; a combination has its own, see {@link #weights}. */
    @Override
    public double[] effectiveWeights(List<List<Double>> updates) {
        double[] weights = new double[updates.size()];
        int held = Math.min(models, weights.length);
        Arrays.fill(weights, weights.length - held, weights.length, 1.0 / held);
        return weights;
    }

    /** Weight of each slot in a combination: its coefficient, the mean over the tensors where they have their own. */
    public double[] weights(List<Double> coefficients) {
        double[] weights = new double[models];
        int rows = coefficients.size() / models;
        for (int i = 0; i < coefficients.size(); i++) {
            weights[i % models] += coefficients.get(i) / rows;
        }
        return weights;
    }
}
