package dev.weir.operators.flip;

import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Labelled examples by whether the old and the new model are right. A commutative monoid: {@link #plus}, {@link #ZERO}.
 *
 * <p>Sources: Yan et al., Positive-Congruent Training (2021), for the negative flip rate; Cai et al., Measuring and
 * Reducing Model Update Regression (2022), for the negative flip impact; Bansal et al., Updates in Human-AI Teams
 * (2019), for backward trust and error compatibility. A ratio over nothing is undefined, never 0.
 *
 * @param bothRight n11: old right, new right
 * @param negative n10: old right, new wrong; negative flips
 * @param positive n01: old wrong, new right; positive flips
 * @param bothWrong n00: old wrong, new wrong
 * @param bothWrongChanged n00': of these, predicted classes that changed
 */
public record FlipCounts(long bothRight, long negative, long positive, long bothWrong, long bothWrongChanged) {

    public static final FlipCounts ZERO = new FlipCounts(0, 0, 0, 0, 0);

    public FlipCounts {
        if (bothRight < 0 || negative < 0 || positive < 0 || bothWrong < 0) {
            throw new IllegalArgumentException("flip counts: " + bothRight + ", " + negative + ", " + positive + ", "
                    + bothWrong + "; allowed: 0 or more");
        }
        if (bothWrongChanged < 0 || bothWrongChanged > bothWrong) {
            throw new IllegalArgumentException(
                    "bothWrongChanged: " + bothWrongChanged + "; allowed: 0 to " + bothWrong);
        }
        Math.addExact(Math.addExact(bothRight, negative), Math.addExact(positive, bothWrong));
    }

    /** The counts of one example. */
    public static FlipCounts of(int label, int oldPrediction, int newPrediction) {
        boolean oldRight = oldPrediction == label;
        boolean newRight = newPrediction == label;
        boolean bothWrong = !oldRight && !newRight;
        return new FlipCounts(
                oldRight && newRight ? 1 : 0,
                oldRight && !newRight ? 1 : 0,
                !oldRight && newRight ? 1 : 0,
                bothWrong ? 1 : 0,
                bothWrong && oldPrediction != newPrediction ? 1 : 0);
    }

    /** The counts of both. */
    public FlipCounts plus(FlipCounts other) {
        return new FlipCounts(
                Math.addExact(bothRight, other.bothRight),
                Math.addExact(negative, other.negative),
                Math.addExact(positive, other.positive),
                Math.addExact(bothWrong, other.bothWrong),
                Math.addExact(bothWrongChanged, other.bothWrongChanged));
    }

    /** n: the examples. */
    public long total() {
        return bothRight + negative + positive + bothWrong;
    }

    /** (n11 + n10) / n. */
    public Proportion accuracyOld() {
        return new Proportion(bothRight + negative, total());
    }

    /** (n11 + n01) / n. */
    public Proportion accuracyNew() {
        return new Proportion(bothRight + positive, total());
    }

    /** NFR: n10 / n. */
    public Proportion negativeFlipRate() {
        return new Proportion(negative, total());
    }

    /** PFR: n01 / n. */
    public Proportion positiveFlipRate() {
        return new Proportion(positive, total());
    }

    /** NFI: n10 / (n10 + n00), the share of the new model's errors that the old one did not make. */
    public Proportion negativeFlipImpact() {
        return new Proportion(negative, negative + bothWrong);
    }

    /** PFI: n01 / (n01 + n11), the share of the new model's right answers that the old one did not give. */
    public Proportion positiveFlipImpact() {
        return new Proportion(positive, positive + bothRight);
    }

    /** BTC, backward trust compatibility: n11 / (n11 + n10). */
    public Proportion trustCompatibility() {
        return new Proportion(bothRight, bothRight + negative);
    }

    /** BEC, backward error compatibility: n00 / (n00 + n10). */
    public Proportion errorCompatibility() {
        return new Proportion(bothWrong, bothWrong + negative);
    }

    /** Churn: (n10 + n01 + n00') / n, predicted classes that changed. */
    public Proportion churn() {
        return new Proportion(negative + positive + bothWrongChanged, total());
    }

    /** (n01 − n10) / n, which is the new accuracy less the old. */
    public OptionalDouble netGain() {
        return ratio(positive - negative, total());
    }

    /**
     * Its normal interval, from the variance ((n01 + n10) / n − ((n01 − n10) / n)²) / n of a paired difference; empty
     * where that is 0, and says nothing, because no example flipped or all flipped alike.
     */
    public Optional<Interval> netGainInterval(double confidence) {
        return PairedDifference.interval(positive, negative, total(), confidence);
    }

    /**
     * Relative NFR: NFR / (old accuracy · (1 − new accuracy)), which is NFI / old accuracy; 1 where the errors of both
     * models are independent.
     */
    public OptionalDouble relativeNegativeFlipRate() {
        OptionalDouble impact = negativeFlipImpact().value();
        OptionalDouble old = accuracyOld().value();
        return impact.isEmpty() || old.isEmpty() || old.getAsDouble() == 0
                ? OptionalDouble.empty()
                : OptionalDouble.of(impact.getAsDouble() / old.getAsDouble());
    }

    /** NFI / the NFI of a reference update − 1, such as against the new model before interpolation. */
    public OptionalDouble negativeFlipImpactAgainst(FlipCounts reference) {
        OptionalDouble impact = negativeFlipImpact().value();
        OptionalDouble other = reference.negativeFlipImpact().value();
        return impact.isEmpty() || other.isEmpty() || other.getAsDouble() == 0
                ? OptionalDouble.empty()
                : OptionalDouble.of(impact.getAsDouble() / other.getAsDouble() - 1);
    }

    /** n01 / n10. */
    public OptionalDouble positiveToNegative() {
        return ratio(positive, negative);
    }

    /** (n01 + ½) / (n10 + ½), defined without negative flips too. */
    public double positiveToNegativeSmoothed() {
        return (positive + 0.5) / (negative + 0.5);
    }

    private static OptionalDouble ratio(long over, long under) {
        return under == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) over / under);
    }
}
