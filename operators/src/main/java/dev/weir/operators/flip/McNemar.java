package dev.weir.operators.flip;

/**
 * Whether an update mends as many examples as it breaks: the examples that flipped, against a fair coin.
 *
 * <p>Sources: McNemar, Note on the Sampling Error of the Difference Between Correlated Proportions or Percentages,
 * Psychometrika 12 (1947); the mid-p form: Fagerland, Lydersen and Laake, The McNemar Test for Binary Matched-Pairs
 * Data, BMC Medical Research Methodology 13:91 (2013). Binomial probabilities: Loader, Fast and Accurate Computation of
 * Binomial Probabilities (2000).
 */
public final class McNemar {

    private McNemar() {}

    /**
     * The two-sided exact p-value; 1 without flips, and 0 only where it is below the smallest number.
     *
     * @param positive n01: examples that turned right
     * @param negative n10: examples that turned wrong
     */
    public static double exact(long positive, long negative) {
        Tail tail = Tail.of(positive, negative);
        return positive == negative ? 1 : Math.min(1, 2 * (tail.below() + tail.at()));
    }

    /** The two-sided mid-p value, for the same flips: the exact one less the probability of what was seen. */
    public static double midP(long positive, long negative) {
        Tail tail = Tail.of(positive, negative);
        return positive == negative ? 1 : Math.min(1, 2 * tail.below() + tail.at());
    }

    /**
     * The lower tail of a fair binomial.
     *
     * @param below probability of fewer than the rarer kind of flips
     * @param at probability of just as many
     */
    private record Tail(double below, double at) {

        static Tail of(long positive, long negative) {
            if (positive < 0 || negative < 0) {
                throw new IllegalArgumentException(
                        "flips: " + positive + " positive, " + negative + " negative; allowed: 0 or more");
            }
            long flips = Math.addExact(positive, negative);
            long rarer = Math.min(positive, negative);
            double log = logProbability(rarer, flips);
            double ratios = 0;
            double ratio = 1;
            for (long i = rarer; i > 0; i--) {
                double step = (double) i / (flips - i + 1);
                ratio *= step;
                ratios += ratio;
                if (ratio * step < 1e-18 * ratios * (1 - step)) {
                    break;
                }
            }
            double at = StrictMath.exp(log);
            double below = ratios == 0 ? 0 : StrictMath.exp(log + StrictMath.log(ratios));
            return new Tail(below, at);
        }
    }

    /** ln of C(n, k) / 2^n, Loader's equation 6. */
    private static double logProbability(long k, long n) {
        if (k == 0) {
            return -n * StrictMath.log(2);
        }
        double half = n / 2.0;
        long rest = n - k;
        return BinomialTerms.stirlingError(n)
                - BinomialTerms.stirlingError(k)
                - BinomialTerms.stirlingError(rest)
                - BinomialTerms.deviance(k, half)
                - BinomialTerms.deviance(rest, half)
                + StrictMath.log(n / (2 * Math.PI * k * rest)) / 2;
    }
}
