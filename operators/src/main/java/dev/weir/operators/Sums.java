package dev.weir.operators;

import dev.weir.schemas.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * What a checkpoint's chunks were reduced to before it enters a channel (K4): so many sums over each tensor, added over its
 * chunks in their order.
 *
 * @param byTensor sums of each tensor of the layout, in its order; zeros for tensors that are not averaged
 * @param averaged name of each tensor, empty for those that are not averaged; no names at all where none are of account
 */
public record Sums(List<double[]> byTensor, List<String> averaged) {
    /** Of a checkpoint of which nothing is asked. */
    public static final Sums NONE = new Sums(List.of());

    public Sums {
        byTensor = List.copyOf(byTensor);
        averaged = List.copyOf(averaged);
    }

    /** Without names. */
    public Sums(List<double[]> byTensor) {
        this(byTensor, List.of());
    }

    /** These sums with names, and zeros for tensors that are not averaged. */
    public Sums of(List<TensorSpec> tensors, List<TensorPolicy.Rule> rules) {
        List<double[]> own = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (TensorSpec tensor : tensors) {
            double[] sums = byTensor.get(own.size());
            boolean counts = TensorPolicy.of(tensor, rules) == TensorPolicy.AVERAGE;
            own.add(counts ? sums : new double[sums.length]);
            names.add(counts ? tensor.name() : "");
        }
        return new Sums(own, names);
    }
}
