package dev.weir.operators.choice;

/**
 * Expected calibration error: how far the confidence in predictions is from how often they are right, Σ_b (n_b / n) |right_b / n_b
 * − mean confidence_b| over {@value #BINS} bins of equal width. Examples may come in any order and parts may be added up: confidences
 * are summed in whole units of 2^-32.
 *
 * <p>Source: Guo et al., On Calibration of Modern Neural Networks (2017), equation 3, with its number of bins.
 */
public final class CalibrationError {
    /** Bins of confidence. */
    public static final int BINS = 15;

    private static final double UNIT = 0x1p32;

    private final long[] confidence = new long[BINS];
    private final long[] right = new long[BINS];
    private long examples;

    /**
     * Adds an example.
     *
     * @param confidenceOfPrediction probability of the class that is predicted, 0 to 1
     * @param isRight whether it is the true one
     * @throws IllegalArgumentException if the probability is none
     */
    public void add(double confidenceOfPrediction, boolean isRight) {
        if (!(confidenceOfPrediction >= 0 && confidenceOfPrediction <= 1)) {
            throw new IllegalArgumentException("confidence: " + confidenceOfPrediction + "; allowed: 0 to 1");
        }
        int bin = Math.min(BINS - 1, (int) (confidenceOfPrediction * BINS));
        confidence[bin] += (long) Math.rint(confidenceOfPrediction * UNIT);
        right[bin] += isRight ? 1 : 0;
        examples++;
    }

    /** Adds what another has counted. */
    public void add(CalibrationError other) {
        for (int bin = 0; bin < BINS; bin++) {
            confidence[bin] += other.confidence[bin];
            right[bin] += other.right[bin];
        }
        examples += other.examples;
    }

    public long examples() {
        return examples;
    }

    /** The error, 0 to 1; NaN without examples. */
    public double error() {
        double sum = 0;
        for (int bin = 0; bin < BINS; bin++) {
            sum += Math.abs(right[bin] - confidence[bin] / UNIT);
        }
        return sum / examples;
    }
}
