package dev.weir.operators.flip;

/**
 * A confidence interval.
 *
 * @param lower its lower end
 * @param upper its upper end, not below the lower
 */
public record Interval(double lower, double upper) {

    public Interval {
        if (!(lower <= upper)) {
            throw new IllegalArgumentException("interval: lower " + lower + ", upper " + upper
                    + "; allowed: numbers, the lower not above the upper");
        }
    }
}
