package dev.weir.operators;

import java.util.List;
import java.util.Map;

/**
 * What one checkpoint does to an operator.
 *
 * @param next the scalar state after it
 * @param coefficients what the operator's shape takes for this update; empty: the checkpoint does not enter
 * @param passedBy why it does not, where people should know: a word, a colon, what exactly; empty: nothing to say
 * @param distances Euclidean distance of each averaged tensor of the checkpoint from the average that it has entered, for its
 *     trainer; empty where the operator says none
 * @param unfit whether what passes by should not have been given at all, which is an error where files are merged
 */
public record Step(
        Progress next, List<Double> coefficients, Map<String, Double> distances, String passedBy, boolean unfit) {
    public Step {
        coefficients = List.copyOf(coefficients);
        distances = Map.copyOf(distances);
    }

    /** One that enters, or, without coefficients, one of those that the operator does not take anyway. */
    public Step(Progress next, List<Double> coefficients) {
        this(next, coefficients, Map.of(), "", false);
    }

    /** The same with distances. */
    Step with(Map<String, Double> tensors) {
        return new Step(next, coefficients, tensors, passedBy, unfit);
    }

    /** A checkpoint that could enter and is passed by. */
    public static Step passBy(Progress next, String reason) {
        return new Step(next, List.of(), Map.of(), reason, false);
    }

    /** A checkpoint that cannot enter. */
    static Step unfit(Progress next, String reason) {
        return new Step(next, List.of(), Map.of(), reason, true);
    }

    public boolean enters() {
        return !coefficients.isEmpty();
    }
}
