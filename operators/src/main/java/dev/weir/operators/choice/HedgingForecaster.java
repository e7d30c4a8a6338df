package dev.weir.operators.choice;

import dev.weir.operators.hash.Hash;

/**
 * Forecasts of a binary outcome that are calibrated on every sequence of outcomes, whoever chooses them. Forecasts are the middles
 * of m intervals of equal width.
 *
 * <p>Source: Foster, A Proof of Calibration via Blackwell's Approachability Theorem, Games and Economic Behavior 29 (1999), from
 * memory. With ρ_i the mean outcome where i was forecast (its middle at first), let d_i be the lower end of interval i less ρ_i and
 * e_i be ρ_i less its upper end. Where both are at most 0, i is as it should be, and is forecast; of several the one nearest to a
 * hint. Otherwise d_1 ≤ 0 makes e_1 > 0 and e_m ≤ 0 makes d_m > 0, so some i has e_i > 0 and d_{i+1} > 0: i is forecast with
 * probability d_{i+1} / (e_i + d_{i+1}), i + 1 otherwise, which on average drives neither farther away whatever the outcome. The
 * draw is a hash of a seed and the number of examples so far, so that the same stream gets the same forecasts.
 */
final class HedgingForecaster {

    private final long seed;
    private final long[] examples;
    private final long[] successes;
    private long count;

    HedgingForecaster(int intervals, long seed) {
        this.seed = seed;
        this.examples = new long[intervals];
        this.successes = new long[intervals];
    }

    /** Forecasts, then learns the outcome. */
    double next(double hint, boolean outcome) {
        int chosen = choose(hint);
        count++;
        examples[chosen]++;
        successes[chosen] += outcome ? 1 : 0;
        return middle(chosen);
    }

    private int choose(double hint) {
        int nearest = -1;
        for (int i = 0; i < examples.length; i++) {
            boolean nearer = nearest < 0 || Math.abs(middle(i) - hint) < Math.abs(middle(nearest) - hint);
            if (below(i) <= 0 && above(i) <= 0 && nearer) {
                nearest = i;
            }
        }
        if (nearest >= 0) {
            return nearest;
        }
        int i = 0;
        while (above(i) <= 0 || below(i + 1) <= 0) {
            i++;
        }
        return uniform() < below(i + 1) / (above(i) + below(i + 1)) ? i : i + 1;
    }

    private double below(int i) {
        return (double) i / examples.length - mean(i);
    }

    private double above(int i) {
        return mean(i) - (i + 1.0) / examples.length;
    }

    private double mean(int i) {
        return examples[i] == 0 ? middle(i) : (double) successes[i] / examples[i];
    }

    private double middle(int i) {
        return (i + 0.5) / examples.length;
    }

    private double uniform() {
        return Hash.uniform(Hash.mix(Hash.mix(seed) + count));
    }
}
