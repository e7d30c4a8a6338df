package dev.weir.operators;

import java.util.List;

/**
 * What a checkpoint's chunks were reduced to before it enters a channel (K4): so many sums over each tensor, added over its
 * chunks in their order.
 *
 * @param byTensor sums of each tensor of the layout, in its order; zeros for tensors that are not averaged
 */
public record Sums(List<double[]> byTensor) {
    /** Of a checkpoint of which nothing is asked. */
    public static final Sums NONE = new Sums(List.of());

    public Sums {
        byTensor = List.copyOf(byTensor);
    }
}
