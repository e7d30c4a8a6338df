package dev.weir.operators.merge;

import dev.weir.operators.kernel.Kernel;
import dev.weir.operators.shape.Companion;
import dev.weir.operators.shape.ElementMean;
import dev.weir.schemas.tensor.Dtype;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@link ElementWeights} over one chunk, models in their order. The memory is used again for each chunk; for one thread. */
public final class ElementFold {
    private final Kernel kernel;
    private final ElementWeights weights;
    private final double[] scales;
    private final ElementMean shape;
    private MemorySegment state = MemorySegment.NULL;
    private double total;

    /** @param scales what the numbers of each model are multiplied with, from the normalisation */
    public ElementFold(Kernel kernel, ElementWeights weights, double[] scales) {
        this.kernel = kernel;
        this.weights = weights;
        this.scales = scales.clone();
        this.shape = new ElementMean(1, 0, false, weights.floor());
    }

    /**
     * Adds a model; the first one, number 0, begins a chunk.
     *
     * @param numbers of its second file; null where some model's has none of this tensor
     * @throws IllegalArgumentException when a number is below 0 or not finite
     */
    public void add(MemorySegment bytes, Dtype dtype, @Nullable Companion numbers, int n, int model) {
        if (model == 0) {
            total = 0;
            long needed = shape.stateBytes(dtype, n);
            if (state.byteSize() < needed) {
                state = Arena.ofAuto().allocate(needed, 64);
            }
        }
        double share = weights.shares().get(model);
        total += share;
        double scale = numbers == null ? 1 : scales[model];
        shape.update(kernel, state, bytes, numbers, dtype, n, List.of((double) model, share, scale, share, total));
    }

    /** Writes the result, rounded to nearest even. */
    public void emit(Dtype dtype, int n, MemorySegment out) {
        shape.emit(kernel, state, dtype, n, List.of(0.0, 0.0, 0.0, 0.0, total), out);
    }
}
