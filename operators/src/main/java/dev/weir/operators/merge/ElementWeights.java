package dev.weir.operators.merge;

import java.util.List;

/**
 * How models are weighed element by element. With S_k the numbers of model k, scaled and at least the floor, and
 * p = factors_0 S_0 + constant: u_k = scale (factors_k S_k + (shared ? p : 0)) and
 * theta = theta_0 + sum_k u_k (theta_k - theta_0) / (p + scale sum_k factors_k S_k), k from 1. Where the denominator is 0, and
 * for tensors of which a second file has none, theta = theta_0 + sum_k plain_k (theta_k - theta_0).
 *
 * @param factors one of each model
 * @param constant added for each element
 * @param scale of the models from the second on
 * @param shared whether p counts for each model rather than for the first alone
 * @param floor smallest S_k, 0 or more
 * @param plain shares where there are no weights, one of each model, summing to 1
 */
public record ElementWeights(
        List<Double> factors, double constant, double scale, boolean shared, double floor, List<Double> plain) {
    public ElementWeights {
        factors = List.copyOf(factors);
        plain = List.copyOf(plain);
    }

    /** The plain weighted mean with these factors. */
    static ElementWeights mean(List<Double> factors, double floor, double[] plain) {
        return new ElementWeights(
                factors,
                0,
                1,
                false,
                floor,
                java.util.Arrays.stream(plain).boxed().toList());
    }
}
