package dev.weir.operators.flip;

/**
 * Bounds of a proportion that hold however often one looks: with the given confidence the truth lies in all of them, after every
 * case from the first on, so that one may stop at any of them for any reason. A {@link Wilson} interval holds at one number of
 * cases that was fixed before.
 *
 * <p>A share p is kept while the likelihood of the cases, averaged over Beta(1/2, 1/2), is less than 1 / alpha times that at p, with
 * alpha = 1 − confidence: B(k + 1/2, n − k + 1/2) / B(1/2, 1/2) &lt; p^k (1 − p)^(n − k) / alpha. At the true p their ratio is a
 * martingale that begins at 1, so it ever reaches 1 / alpha with probability alpha at most. That holds for any prior; this one's
 * logarithm of the ratio at k / n is near ln(πn / 2) / 2 for every share, whereas the uniform prior's is larger near 0, where
 * negative flip rates lie. Up to a confidence of 0.99 the bounds hold Wilson's.
 *
 * <p>Sources: Ville, Étude critique de la notion de collectif (1939), for the inequality; Robbins, Statistical Methods Related to
 * the Law of the Iterated Logarithm, Annals of Mathematical Statistics 41 (1970), section 3, for mixtures; Krichevsky and Trofimov,
 * The Performance of Universal Encoding, IEEE Trans. Information Theory 27 (1981), for the prior.
 */
public final class ConfidenceSequence {

    /** Halvings of an interval of [0, 1], after which f64 has no number between its ends or both are alike to 1e-18. */
    private static final int STEPS = 60;

    private ConfidenceSequence() {}

    /**
     * The two-sided bounds after some cases.
     *
     * @param successes cases that count, 0 to {@code trials}
     * @param trials all cases so far; without any the bounds are 0 and 1
     * @param confidence probability that no bounds ever leave out the truth, between 0 and 1
     */
    public static Interval interval(long successes, long trials, double confidence) {
        if (successes < 0 || successes > trials) {
            throw new IllegalArgumentException(
                    "successes: " + successes + " of " + trials + "; allowed: 0 to " + Math.max(0, trials));
        }
        Normal.twoSided(confidence);
        if (trials == 0) {
            return new Interval(0, 1);
        }
        double limit = -StrictMath.log(1 - confidence);
        double share = (double) successes / trials;
        return new Interval(
                successes == 0 ? 0 : bound(successes, trials, limit, share, 0),
                successes == trials ? 1 : bound(successes, trials, limit, share, 1));
    }

    /** The share nearest to {@code outer}, from a kept one on, at which the ratio reaches the limit. */
    private static double bound(long successes, long trials, double limit, double kept, double outer) {
        double inside = kept;
        double outside = outer;
        for (int step = 0; step < STEPS; step++) {
            double middle = inside + (outside - inside) / 2;
            if (logRatio(successes, trials, middle) < limit) {
                inside = middle;
            } else {
                outside = middle;
            }
        }
        return outside;
    }

    /** ln of the averaged likelihood over that at p, p in (0, 1); least at k / n. */
    private static double logRatio(long successes, long trials, double p) {
        long failures = trials - successes;
        return halves(successes)
                + halves(failures)
                - StrictMath.log(2 * Math.PI * trials) / 2
                - BinomialTerms.stirlingError(trials)
                + BinomialTerms.deviance(successes, trials * p)
                + BinomialTerms.deviance(failures, trials * (1 - p));
    }

    /** ln of Γ(k + 1/2) / Γ(1/2), which is (2k)! / (4^k k!), less ln of (k/e)^k. */
    private static double halves(long k) {
        return k == 0 ? 0 : StrictMath.log(2) / 2 + BinomialTerms.stirlingError(2 * k) - BinomialTerms.stirlingError(k);
    }
}
