package dev.weir.operators.shape;

import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.tensor.Dtype;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What many operators have in common: how the state of a chunk looks, how a checkpoint's chunk enters it and how a
 * merged chunk leaves it. State is little-endian, f32 at least, and starts as zeros. Shapes touch float tensors only.
 */
public sealed interface Shape
        permits CountedMean,
                ElementMean,
                Lerp,
                MaskedMean,
                Moments,
                Restore,
                Ring,
                Rounds,
                Stock,
                Stored,
                WeightedMean,
                WindowMeans {
    /** Bytes of state for so many elements of a tensor of this dtype. */
    long stateBytes(Dtype dtype, int elements);

    /**
     * Folds a chunk in.
     *
     * @param state {@link #stateBytes} bytes
     * @param theta the checkpoint's chunk, little-endian in the tensor's dtype
     * @param coefficients what {@link dev.weir.operators.Operator#step} gave
     */
    void update(
            Kernel kernel,
            MemorySegment state,
            MemorySegment theta,
            Dtype dtype,
            int elements,
            List<Double> coefficients);

    /**
     * As above, of an operator that reads a companion.
     *
     * @param companion a number for each element, 0 or more; null: none are known of this tensor
     * @throws IllegalArgumentException when a number is below 0 or not finite
     */
    default void update(
            Kernel kernel,
            MemorySegment state,
            MemorySegment theta,
            @Nullable Companion companion,
            Dtype dtype,
            int elements,
            List<Double> coefficients) {
        update(kernel, state, theta, dtype, elements, coefficients);
    }

    /**
     * Writes the merged chunk, rounded to nearest even, in the tensor's dtype.
     *
     * @param coefficients those of the newest update
     * @param out elements times the dtype's bytes
     */
    void emit(
            Kernel kernel,
            MemorySegment state,
            Dtype dtype,
            int elements,
            List<Double> coefficients,
            MemorySegment out);

    /** Whether the state is the merged chunk, bit for bit, so that it need not be written anew. */
    default boolean emitsState(Dtype dtype) {
        return false;
    }

    /** As above, where the result depends on the place of the chunk in the model, as that of random draws does. */
    default void emit(
            Kernel kernel,
            MemorySegment state,
            Dtype dtype,
            int elements,
            List<Double> coefficients,
            Place place,
            MemorySegment out) {
        emit(kernel, state, dtype, elements, coefficients, out);
    }

    /** Sums over each tensor that the coefficients of a checkpoint depend on (K4); 0: none. */
    default int reductions() {
        return 0;
    }

    /** Whether they depend on the first checkpoint that entered and on none after it. */
    default boolean reducesAgainstFirst() {
        return false;
    }

    /**
     * The chunk's part of these sums, of a checkpoint that has not entered yet. Those of a tensor's chunks are added in their
     * order.
     *
     * @param state as it is before the checkpoint enters, after a first one has
     * @return {@link #reductions} numbers
     */
    default double[] reduce(Kernel kernel, MemorySegment state, MemorySegment theta, Dtype dtype, int elements) {
        return new double[reductions()];
    }

    /** The part of an update's coefficients that is one tensor's, by its number in the layout; all where tensors share them. */
    default List<Double> ofTensor(List<Double> coefficients, int tensor) {
        return coefficients;
    }

    /** Tensors of an update whose coefficients had to be kept within their range. */
    default long clamped(List<Double> coefficients) {
        return 0;
    }

    /**
     * Effective weight of every checkpoint that entered, from the coefficients of all updates in order; they sum to 1.
     *
     * @param updates coefficients of each update, oldest first
     */
    double[] effectiveWeights(List<List<Double>> updates);
}
