package dev.weir.operators.merge;

import dev.weir.operators.TensorPolicy;

/**
 * Global magnitude pruning: of all elements of the tensors that match, the smallest in magnitude become zero, until
 * round((1 - sparsity) P) of P are kept. Among equal magnitudes the earlier element stays, in the order of tensors and
 * elements. Zeros are the smallest of all, so that what was pruned stays pruned.
 *
 * @param sparsity s, share that becomes zero, in [0, 1]; 0, the default, prunes nothing
 * @param tensors glob over the names of the tensors; default *, all
 */
public record Pruning(double sparsity, String tensors) {
    static final Pruning NONE = new Pruning(0, "*");

    /** Whether that tensor is pruned. */
    public boolean covers(String tensor) {
        return new TensorPolicy.Rule(tensors, TensorPolicy.AVERAGE).matches(tensor);
    }

    /** How many of so many elements are kept. */
    public long kept(long elements) {
        return Math.round((1 - sparsity) * elements);
    }
}
