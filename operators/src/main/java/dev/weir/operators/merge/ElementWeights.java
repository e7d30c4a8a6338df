package dev.weir.operators.merge;

import java.util.Arrays;
import java.util.List;

/**
 * How models are weighed element by element. With S_k the numbers of model k, scaled and at least the floor:
 * theta = sum_k share_k S_k theta_k / sum_k share_k S_k. Where the denominator is 0, and for tensors of which a second file has
 * none, theta = sum_k share_k theta_k.
 *
 * @param shares one of each model, summing to 1
 * @param floor smallest S_k, 0 or more
 */
public record ElementWeights(List<Double> shares, double floor) {
    public ElementWeights {
        shares = List.copyOf(shares);
    }

    ElementWeights(double[] shares, double floor) {
        this(Arrays.stream(shares).boxed().toList(), floor);
    }
}
