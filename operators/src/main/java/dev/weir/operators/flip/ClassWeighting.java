package dev.weir.operators.flip;

import java.util.Collection;
import java.util.OptionalDouble;

/**
 * How much a true class counts in a mean of per-class negative flip rates: NFR = Σ_k n_k^e NFR_k / Σ_k n_k^e over the classes that have
 * examples.
 */
public enum ClassWeighting {
    /** e = 1: every example alike, the plain rate. */
    MICRO(1),
    /** e = ½: between both, for classes of very different size. */
    ROOT(0.5),
    /** e = 0: every class alike. */
    MACRO(0);

    private final double exponent;

    ClassWeighting(double exponent) {
        this.exponent = exponent;
    }

    /** The mean; empty without examples. */
    public OptionalDouble negativeFlipRate(Collection<FlipCounts> classes) {
        double sum = 0;
        double weights = 0;
        for (FlipCounts counts : classes) {
            if (counts.total() > 0) {
                double weight = StrictMath.pow(counts.total(), exponent);
                sum += weight * counts.negative() / counts.total();
                weights += weight;
            }
        }
        return weights == 0 ? OptionalDouble.empty() : OptionalDouble.of(sum / weights);
    }
}
