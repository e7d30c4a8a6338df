package dev.weir.operators;

import java.util.List;

/**
 * What one checkpoint does to an operator.
 *
 * @param next the scalar state after it
 * @param coefficients what the operator's shape takes for this update; empty: the checkpoint does not enter
 */
public record Step(Progress next, List<Double> coefficients) {
    public Step {
        coefficients = List.copyOf(coefficients);
    }

    public boolean enters() {
        return !coefficients.isEmpty();
    }
}
