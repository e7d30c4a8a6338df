package dev.weir.operators.merge;

import dev.weir.operators.solve.SpdSystem;
import java.util.Arrays;
import java.util.List;

/**
 * The combination of snapshots of power-function averages that comes nearest to another such average, by their profiles:
 * x = A^-1 b, divided by its sum, where A_ij is the dot product of the profiles of snapshots i and j and b_i that with the
 * profile that is asked for. In f64; profiles that are too much alike are refused.
 *
 * <p>Source: Karras et al., Analyzing and Improving the Training Dynamics of Diffusion Models (2024), appendix C.3.
 */
public final class ProfileFit {
    /** Cells of [0, t] over which the error is summed. */
    private static final int CELLS = 4_096;

    /**
     * The profile of a power-function average: the derivative of (tau / t)^(gamma + 1) on [0, t].
     *
     * @param t trainer steps that it stands for, more than 0
     * @param gamma its exponent, 0 or more
     */
    public record Profile(double t, double gamma) {
        /** Share of the weight that lies before tau. */
        private double before(double tau) {
            return tau >= t ? 1 : StrictMath.pow(tau / t, gamma + 1);
        }

        private double dot(Profile other) {
            double exponent = t < other.t ? other.gamma : -gamma;
            return (gamma + 1)
                    * (other.gamma + 1)
                    * StrictMath.pow(t / other.t, exponent)
                    / ((gamma + other.gamma + 1) * Math.max(t, other.t));
        }
    }

    private final double[] coefficients;
    private final double condition;
    private final double error;

    private ProfileFit(double[] coefficients, double condition, double error) {
        this.coefficients = coefficients;
        this.condition = condition;
        this.error = error;
    }

    /**
     * Fits.
     *
     * @param snapshots profile of each snapshot, in their order
     * @param asked the profile that is asked for; its t is that of a snapshot and none is of a later one
     * @throws IllegalArgumentException if a snapshot is later, none is of that t, or the profiles are too much alike
     */
    public static ProfileFit of(List<Profile> snapshots, Profile asked) {
        double newest = snapshots.stream().mapToDouble(Profile::t).max().orElse(0);
        if (newest != asked.t) {
            throw new IllegalArgumentException(
                    "the snapshots end with step " + (long) newest + ", and an average of step " + (long) asked.t
                            + " is asked for; allowed: the newest snapshot's step");
        }
        int n = snapshots.size();
        double[][] a = new double[n][n];
        double[][] b = new double[n][1];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                a[i][j] = snapshots.get(i).dot(snapshots.get(j));
                a[j][i] = a[i][j];
            }
            b[i][0] = snapshots.get(i).dot(asked);
        }
        SpdSystem.Solution solved;
        try {
            solved = SpdSystem.solve("the snapshots' profiles", a, b);
        } catch (IllegalArgumentException alike) {
            throw new IllegalArgumentException(
                    "the profiles of the " + n
                            + " snapshots are too much alike to be told apart in f64 (condition above "
                            + SpdSystem.MAX_CONDITION
                            + "); allowed: snapshots of other steps or widths; take fewer of them, further apart",
                    alike);
        }
        double[] x = Coefficients.normalised(
                Arrays.stream(solved.values()).mapToDouble(row -> row[0]).toArray());
        return new ProfileFit(x, solved.condition(), error(snapshots, x, asked));
    }

    /** |p' - p| / |p|, p' being the profile that comes out and p the one that is asked for. */
    private static double error(List<Profile> snapshots, double[] x, Profile asked) {
        double difference = 0;
        double length = 0;
        double[] before = new double[x.length];
        double wantedBefore = 0;
        for (int cell = 1; cell <= CELLS; cell++) {
            double tau = asked.t * cell / CELLS;
            double made = 0;
            for (int i = 0; i < x.length; i++) {
                double now = snapshots.get(i).before(tau);
                made = Math.fma(x[i], now - before[i], made);
                before[i] = now;
            }
            double wantedNow = asked.before(tau);
            double wanted = wantedNow - wantedBefore;
            wantedBefore = wantedNow;
            difference += (made - wanted) * (made - wanted);
            length += wanted * wanted;
        }
        return Math.sqrt(difference / length);
    }

    /** Coefficient of each snapshot; they sum to 1. */
    public double[] coefficients() {
        return coefficients.clone();
    }

    /** Estimate of the condition of the system that was solved, its diagonal scaled to 1. */
    public double condition() {
        return condition;
    }

    /** Distance of the profile that comes out from the one that is asked for, as a share of the latter's length. */
    public double error() {
        return error;
    }

    /** Merges the snapshots with these coefficients. */
    public LinearMerge merge() {
        return models -> Coefficients.same(models, coefficients)
                .measuring("profile-error", error)
                .measuring("condition", condition);
    }
}
