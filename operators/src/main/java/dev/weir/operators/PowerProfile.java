package dev.weir.operators;

/**
 * The weight profile of a power-function average, p(tau) proportional to tau^gamma on [0, t].
 *
 * <p>Source: Karras et al., Analyzing and Improving the Training Dynamics of Diffusion Models (2024), appendix C.
 */
public final class PowerProfile {
    /** Width of the plain mean, 1 / sqrt(12) rounded down; no profile of this family is wider. */
    public static final double WIDEST = 0.28867513459481287;

    private PowerProfile() {}

    /** Width of the profile, as a share of t: sqrt((gamma + 1) / ((gamma + 2)^2 (gamma + 3))). */
    public static double sigmaRel(double gamma) {
        return Math.sqrt((gamma + 1) / ((gamma + 2) * (gamma + 2) * (gamma + 3)));
    }

    /**
     * The exponent of that width, by bisection to the last bit.
     *
     * @param sigmaRel in (0, {@link #WIDEST}]
     */
    public static double gamma(double sigmaRel) {
        double low = 0;
        double high = 1;
        while (sigmaRel(high) > sigmaRel) {
            high *= 2;
        }
        while (true) {
            double middle = 0.5 * (low + high);
            if (middle <= low || middle >= high) {
                return high;
            }
            if (sigmaRel(middle) > sigmaRel) {
                low = middle;
            } else {
                high = middle;
            }
        }
    }
}
