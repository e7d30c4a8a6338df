package dev.weir.topology.plan;

import java.util.List;

/**
 * When a candidate may replace the baseline by itself: its rate of negative flips is within the budget at the stated
 * confidence, and its accuracy is not below the floor.
 *
 * @param channels channels whose versions are candidates
 * @param maxNfr budget: the upper Wilson bound of the negative flip rate must not exceed it, in [0, 1]
 * @param confidence of that bound, in [0.5, 0.999999]
 * @param minAccuracy score floor, in [0, 1]
 * @param maxEce largest expected calibration error of its confidence in what it predicts, in [0, 1]; 1: not asked for
 */
public record GatePlan(List<String> channels, double maxNfr, double confidence, double minAccuracy, double maxEce) {
    /** Confidence when the plan doesn't say. */
    public static final double DEFAULT_CONFIDENCE = 0.95;

    /** Every calibration error is at most this. */
    public static final double ANY_ECE = 1;

    public GatePlan {
        channels = List.copyOf(channels);
        if (channels.isEmpty()) {
            throw new PlanException("gate", "channels is empty", "at least one channel of the plan");
        }
        range("max-nfr", maxNfr, 0, 1);
        range("confidence", confidence, 0.5, 0.999999);
        range("min-accuracy", minAccuracy, 0, 1);
        range("max-ece", maxEce, 0, ANY_ECE);
    }

    private static void range(String key, double value, double min, double max) {
        if (!(value >= min && value <= max)) {
            throw new PlanException("gate", key + " is " + value, "a number from " + min + " to " + max);
        }
    }
}
