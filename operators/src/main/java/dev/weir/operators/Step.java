package dev.weir.operators;

import java.util.List;

/**
 * What one checkpoint does to an operator.
 *
 * @param next the scalar state after it
 * @param coefficients what the operator's shape takes for this update; empty: the checkpoint does not enter
 * @param passedBy why it does not, where people should know: a word, a colon, what exactly; empty: nothing to say
 * @param unfit whether what passes by should not have been given at all, which is an error where files are merged
 */
public record Step(Progress next, List<Double> coefficients, String passedBy, boolean unfit) {
    public Step {
        coefficients = List.copyOf(coefficients);
    }

    /** One that enters, or, without coefficients, one of those that the operator does not take anyway. */
    public Step(Progress next, List<Double> coefficients) {
        this(next, coefficients, "", false);
    }

    /** A checkpoint that could enter and is passed by. */
    public static Step passBy(Progress next, String reason) {
        return new Step(next, List.of(), reason, false);
    }

    /** A checkpoint that cannot enter. */
    static Step unfit(Progress next, String reason) {
        return new Step(next, List.of(), reason, true);
    }

    public boolean enters() {
        return !coefficients.isEmpty();
    }
}
