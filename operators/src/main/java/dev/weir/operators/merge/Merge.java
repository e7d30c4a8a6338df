package dev.weir.operators.merge;

import dev.weir.operators.TensorPolicy;
import java.util.List;

/** One way to merge models that are all at hand. Deterministic: the same models in the same order give the same bits. */
public sealed interface Merge permits ElementMerge, LinearMerge, MaskedMerge {
    /** Rules for tensors that this merge treats apart; those that people give go before. */
    default List<TensorPolicy.Rule> rules() {
        return List.of();
    }
}
