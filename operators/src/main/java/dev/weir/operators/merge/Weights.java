package dev.weir.operators.merge;

import java.util.List;

/** Lists of weights, one for each model, as settings give them. */
final class Weights {
    private Weights() {}

    /**
     * Shares in proportion to the weights; equal ones without weights.
     *
     * @throws IllegalArgumentException when there are not as many as models, or all are 0
     */
    static double[] shares(String operator, String setting, List<Double> weights, int models) {
        if (weights.isEmpty()) {
            return Coefficients.uniform(models);
        }
        double[] numbers = weights.stream().mapToDouble(Double::doubleValue).toArray();
        double sum = java.util.Arrays.stream(numbers).sum();
        if (numbers.length != models || !(sum > 0)) {
            throw new IllegalArgumentException("operator " + operator + ": setting " + setting + ": " + numbers.length
                    + " numbers with sum " + sum + " for " + models + " models; allowed: one each, not all 0");
        }
        return Coefficients.normalised(numbers);
    }
}
