package dev.weir.operators.flip;

import java.util.OptionalDouble;

/**
 * A share of counted cases.
 *
 * @param successes cases that count, 0 to {@code trials}
 * @param trials all cases; the share is undefined without any
 */
public record Proportion(long successes, long trials) {

    public Proportion {
        if (successes < 0 || successes > trials) {
            throw new IllegalArgumentException(
                    "proportion: " + successes + " of " + trials + "; allowed: 0 to " + Math.max(0, trials));
        }
    }

    /** The share, empty where there are no cases. */
    public OptionalDouble value() {
        return trials == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) successes / trials);
    }

    /** Its Wilson interval; 0 to 1 where there are no cases. */
    public Interval interval(double confidence) {
        return Wilson.interval(successes, trials, confidence);
    }
}
