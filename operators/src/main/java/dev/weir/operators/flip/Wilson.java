package dev.weir.operators.flip;

/**
 * The score interval of a binomial proportion.
 *
 * <p>Source: Wilson, Probable Inference, the Law of Succession, and Statistical Inference, JASA 22 (1927). With z the
 * normal quantile, its ends are the roots of (p̂ − p)² = z² p (1 − p) / n. Holds for a sample whose size was not chosen
 * by looking at it: at each of many snapshots of one stream it describes, and does not guarantee.
 */
public final class Wilson {

    private Wilson() {}

    /**
     * The two-sided interval.
     *
     * @param successes cases that count, 0 to {@code trials}
     * @param trials all cases; without any the interval is 0 to 1
     * @param confidence share of such intervals that hold the truth, between 0 and 1
     */
    public static Interval interval(long successes, long trials, double confidence) {
        if (successes < 0 || successes > trials) {
            throw new IllegalArgumentException(
                    "successes: " + successes + " of " + trials + "; allowed: 0 to " + Math.max(0, trials));
        }
        double z = Normal.twoSided(confidence);
        if (trials == 0) {
            return new Interval(0, 1);
        }
        double lower = lower(successes, trials, z);
        double upper = upper(successes, trials, z);
        return new Interval(lower, Math.max(lower, upper));
    }

    /** The larger root. */
    private static double upper(double successes, double trials, double z) {
        if (successes == trials) {
            return 1;
        }
        double z2 = z * z;
        double spread = z * StrictMath.sqrt(z2 + 4 * successes * ((trials - successes) / trials));
        return Math.min(1, (2 * successes + z2 + spread) / (2 * (trials + z2)));
    }

    /** The smaller root, from the product of both: their difference would cancel. */
    private static double lower(double successes, double trials, double z) {
        if (successes == 0) {
            return 0;
        }
        double share = successes / trials;
        return share * (successes / (trials + z * z)) / upper(successes, trials, z);
    }
}
