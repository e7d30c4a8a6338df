package dev.weir.operators.solve;

import java.util.Arrays;
import java.util.Locale;
import org.ojalgo.matrix.decomposition.Cholesky;
import org.ojalgo.matrix.store.MatrixStore;
import org.ojalgo.matrix.store.R064Store;

/**
 * Systems A X = B of a symmetric positive definite A, by Cholesky's decomposition in f64.
 *
 * <p>A is scaled by powers of two so that its diagonal lies near 1, which costs no rounding and takes the condition to
 * within a factor of about n of the smallest that any scaling reaches (van der Sluis, Condition Numbers and
 * Equilibration of Matrices, Numerische Mathematik 14, 1969). The relative error of X is about the condition times 1e-16.
 *
 * <p>Source of the estimate: Hager, Condition Estimates, SIAM J. Sci. Stat. Comput. 5 (1984), with Higham's alternating
 * vector (ACM TOMS 14, 1988, algorithm 4.1): a lower bound, seldom less than a third of the truth.
 */
public final class SpdSystem {

    /** Largest condition that is solved where nothing else is asked for: about six digits of the result are right. */
    public static final double MAX_CONDITION = 1e10;

    private static final int MAX_ESTIMATE_STEPS = 5;
    private static final double SYMMETRY = 1e-10;

    /**
     * X, and how far it can be trusted.
     *
     * @param values X, as many rows as A and as many columns as B
     * @param condition estimate of the condition of the scaled A in the 1-norm
     */
    public record Solution(double[][] values, double condition) {}

    private final Cholesky<Double> factor;
    private final int size;

    private SpdSystem(Cholesky<Double> factor, int size) {
        this.factor = factor;
        this.size = size;
    }

    /** As {@link #solve(String, double[][], double[][], double)}, up to {@link #MAX_CONDITION}. */
    public static Solution solve(String name, double[][] a, double[][] b) {
        return solve(name, a, b, MAX_CONDITION);
    }

    /**
     * Solves A X = B.
     *
     * @param name of A, for messages
     * @param a n by n, symmetric
     * @param b n rows
     * @param maxCondition largest condition that is solved, 1 or more
     * @throws IllegalArgumentException if A is not square, not symmetric, holds no finite numbers, or is singular or too
     *     near to it; the message says what to do
     */
    public static Solution solve(String name, double[][] a, double[][] b, double maxCondition) {
        if (b.length != a.length) {
            throw new IllegalArgumentException(
                    name + ": " + a.length + " rows for a right side of " + b.length + "; allowed: equally many");
        }
        int[] exponents = exponents(name, a, maxCondition);
        R064Store scaled = R064Store.FACTORY.make(a.length, a.length);
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < a.length; j++) {
                scaled.set(i, j, Math.scalb(a[i][j], exponents[i] + exponents[j]));
            }
        }
        Cholesky<Double> factor = Cholesky.R064.make(scaled);
        if (!factor.decompose(scaled) || !factor.isSPD()) {
            throw singular(name, "is not positive definite", maxCondition);
        }
        double condition = new SpdSystem(factor, a.length).inverseNorm() * norm(scaled);
        if (!(condition <= maxCondition)) {
            throw singular(name, String.format(Locale.ROOT, "has a condition of about %.1e", condition), maxCondition);
        }
        return new Solution(solve(factor, b, exponents), condition);
    }

    private static double[][] solve(Cholesky<Double> factor, double[][] b, int[] exponents) {
        int columns = b.length == 0 ? 0 : b[0].length;
        R064Store right = R064Store.FACTORY.make(b.length, columns);
        for (int i = 0; i < b.length; i++) {
            for (int j = 0; j < columns; j++) {
                right.set(i, j, Math.scalb(b[i][j], exponents[i]));
            }
        }
        MatrixStore<Double> solved = factor.getSolution(right);
        double[][] values = new double[b.length][columns];
        for (int i = 0; i < b.length; i++) {
            for (int j = 0; j < columns; j++) {
                values[i][j] = Math.scalb(solved.doubleValue(i, j), exponents[i]);
            }
        }
        return values;
    }

    /** Of each row the power of two that takes its diagonal element to between 1 and 4, once from either side. */
    private static int[] exponents(String name, double[][] a, double maxCondition) {
        int[] exponents = new int[a.length];
        for (int i = 0; i < a.length; i++) {
            if (a[i].length != a.length) {
                throw new IllegalArgumentException(
                        name + ": row " + i + " has " + a[i].length + " numbers; allowed: " + a.length);
            }
            if (!(a[i][i] > 0)) {
                throw singular(name, "has " + a[i][i] + " on its diagonal at row " + i, maxCondition);
            }
            exponents[i] = -Math.floorDiv(Math.getExponent(a[i][i]), 2);
        }
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j <= i; j++) {
                double bound = SYMMETRY * Math.sqrt(a[i][i]) * Math.sqrt(a[j][j]);
                if (!(Math.abs(a[i][j] - a[j][i]) <= bound)) {
                    throw new IllegalArgumentException(name + ": holds " + a[i][j] + " at (" + i + ", " + j + ") and "
                            + a[j][i] + " at (" + j + ", " + i + "); allowed: a symmetric matrix of finite numbers");
                }
            }
        }
        return exponents;
    }

    private static IllegalArgumentException singular(String name, String problem, double maxCondition) {
        return new IllegalArgumentException(name + ": " + problem
                + ", too near to a singular matrix; allowed: a condition of at most " + maxCondition
                + "; take more examples or a larger ridge");
    }

    private static double norm(R064Store a) {
        double norm = 0;
        for (int j = 0; j < a.getColDim(); j++) {
            double sum = 0;
            for (int i = 0; i < a.getRowDim(); i++) {
                sum += Math.abs(a.doubleValue(i, j));
            }
            norm = Math.max(norm, sum);
        }
        return norm;
    }

    /** Estimate of the 1-norm of the inverse, from a few solutions. */
    private double inverseNorm() {
        double[] x = new double[size];
        Arrays.fill(x, 1.0 / size);
        double estimate = 0;
        for (int step = 0; step < MAX_ESTIMATE_STEPS; step++) {
            double[] y = apply(x);
            estimate = Math.max(estimate, sum(y));
            double[] z = apply(signs(y));
            int largest = largest(z);
            double projected = 0;
            for (int i = 0; i < size; i++) {
                projected += z[i] * x[i];
            }
            if (Math.abs(z[largest]) <= projected) {
                break;
            }
            x = new double[size];
            x[largest] = 1;
        }
        double[] alternating = new double[size];
        for (int i = 0; i < size; i++) {
            alternating[i] = (i % 2 == 0 ? 1 : -1) * (1 + (size == 1 ? 0 : (double) i / (size - 1)));
        }
        return Math.max(estimate, 2 * sum(apply(alternating)) / (3.0 * size));
    }

    private double[] apply(double[] x) {
        return factor.getSolution(R064Store.FACTORY.column(x)).toRawCopy1D();
    }

    private static double sum(double[] y) {
        double sum = 0;
        for (double value : y) {
            sum += Math.abs(value);
        }
        return sum;
    }

    private static double[] signs(double[] y) {
        double[] signs = new double[y.length];
        for (int i = 0; i < y.length; i++) {
            signs[i] = y[i] < 0 ? -1 : 1;
        }
        return signs;
    }

    private static int largest(double[] z) {
        int largest = 0;
        for (int i = 1; i < z.length; i++) {
            largest = Math.abs(z[i]) > Math.abs(z[largest]) ? i : largest;
        }
        return largest;
    }
}
