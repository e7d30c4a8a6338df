package dev.weir.operators.solve;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The p of the simplex that has the most entropy among those with Sᵀp ≥ v in every column.
 *
 * <p>Derivation: the Lagrangian of min Σ p log p with multipliers λ ≥ 0 is least at p = softmax(Sλ), which leaves the dual
 * min f(λ) = log Σ exp (Sλ)_i − v Σλ over λ ≥ 0, with gradient Sᵀp − v and Hessian Sᵀ(diag p − ppᵀ)S. It is smooth and
 * convex; a λ at which min(λ, gradient) is 0 in every column gives the optimum. Solved by Newton's method on the columns
 * that are not held at 0 (Bertsekas, Projected Newton Methods, SIAM J. Control and Optimization 20, 1982), damped in
 * proportion to the residual, because equal columns make the Hessian singular. A probability that must be 0 falls by a
 * factor of about e a step.
 */
final class MaximumEntropy {

    private static final int MAX_STEPS = 2_000;
    private static final double TOLERANCE = 1e-12;
    private static final double DAMPING = 1e-2;
    private static final double NO_LIMIT = 1e300;

    private final double[][] s;

    /** Of payoffs less v. */
    private MaximumEntropy(double[][] s) {
        this.s = s;
    }

    /**
     * The distribution.
     *
     * @throws IllegalStateException if it is not found; for a v above the value of the game there is none
     */
    static double[] above(double[][] payoff, double value) {
        double most =
                Arrays.stream(payoff).flatMapToDouble(Arrays::stream).max().orElseThrow();
        double least =
                Arrays.stream(payoff).flatMapToDouble(Arrays::stream).min().orElseThrow();
        double range = most == least ? 1 : most - least;
        double[][] scaled = new double[payoff.length][];
        for (int i = 0; i < payoff.length; i++) {
            scaled[i] = Arrays.stream(payoff[i])
                    .map(entry -> (entry - value) / range)
                    .toArray();
        }
        return new MaximumEntropy(scaled).solve();
    }

    private double[] solve() {
        Point point = new Point(new double[s[0].length]);
        for (int step = 0; step < MAX_STEPS && point.residual > TOLERANCE; step++) {
            Point next = next(point);
            if (next == point) {
                break;
            }
            point = next;
        }
        if (point.residual > 1e3 * TOLERANCE) {
            throw new IllegalStateException("entropy over " + s.length + " rows and " + s[0].length
                    + " columns: not found, " + point.residual + " away");
        }
        return point.p;
    }

    /** The point after one step, or the same point where rounding allows none. */
    private Point next(Point point) {
        for (double damping = DAMPING * point.residual; damping < 1e6; damping = 10 * damping) {
            double[] direction = direction(point, damping);
            for (double length = 1; length > 0.05; length /= 2) {
                double[] moved = new double[direction.length];
                double slope = 0;
                for (int j = 0; j < moved.length; j++) {
                    moved[j] = Math.max(0, point.lambda[j] + length * direction[j]);
                    slope += point.gradient[j] * (moved[j] - point.lambda[j]);
                }
                Point candidate = new Point(moved);
                if (candidate.residual < 0.9 * point.residual || candidate.f < point.f + 1e-4 * slope) {
                    return candidate;
                }
            }
        }
        return point;
    }

    /**
     * Newton's direction −(H + damping)⁻¹ gradient over the columns that are not held at 0; a column that it takes below 0
     * joins those that are held, and the rest is solved again.
     */
    private double[] direction(Point point, double damping) {
        int[] free = point.free();
        while (true) {
            double[] direction =
                    Arrays.stream(point.lambda).map(value -> -value).toArray();
            if (free.length == 0) {
                return direction;
            }
            double[] solved = newton(point, damping, free);
            for (int a = 0; a < free.length; a++) {
                direction[free[a]] = solved[a];
            }
            int[] kept = Arrays.stream(free)
                    .filter(j -> point.lambda[j] + direction[j] >= 0)
                    .toArray();
            if (kept.length == free.length) {
                return direction;
            }
            free = kept;
        }
    }

    private double[] newton(Point point, double damping, int[] free) {
        double[][] hessian = new double[free.length][free.length];
        double[][] right = new double[free.length][1];
        for (int a = 0; a < free.length; a++) {
            right[a][0] = -point.gradient[free[a]];
            for (int b = 0; b <= a; b++) {
                double sum = 0;
                for (int i = 0; i < s.length; i++) {
                    sum += point.p[i]
                            * (s[i][free[a]] - point.gradient[free[a]])
                            * (s[i][free[b]] - point.gradient[free[b]]);
                }
                hessian[a][b] = sum;
                hessian[b][a] = sum;
            }
            hessian[a][a] += damping;
        }
        try {
            double[][] solved =
                    SpdSystem.solve("Hessian", hessian, right, NO_LIMIT).values();
            return Arrays.stream(solved).mapToDouble(row -> row[0]).toArray();
        } catch (IllegalArgumentException singular) {
            // Rounding; the next, larger damping mends it.
            return new double[free.length];
        }
    }

    /** A λ with what follows from it. */
    private final class Point {
        private final double[] lambda;
        private final double[] p;
        /** Sᵀp. */
        private final double[] gradient;

        private final double f;
        private final double residual;

        Point(double[] lambda) {
            this.lambda = lambda;
            double[] exponent = MatrixGame.rowPayoffs(s, lambda);
            double largest = Arrays.stream(exponent).max().orElseThrow();
            double total = 0;
            this.p = new double[exponent.length];
            for (int i = 0; i < p.length; i++) {
                p[i] = StrictMath.exp(exponent[i] - largest);
                total += p[i];
            }
            for (int i = 0; i < p.length; i++) {
                p[i] /= total;
            }
            this.gradient = MatrixGame.columnPayoffs(s, p);
            double worst = 0;
            for (int j = 0; j < lambda.length; j++) {
                worst = Math.max(worst, Math.abs(Math.min(lambda[j], gradient[j])));
            }
            this.f = largest + StrictMath.log(total);
            this.residual = worst;
        }

        private int[] free() {
            double near = Math.min(1e-3, residual);
            return IntStream.range(0, lambda.length)
                    .filter(j -> lambda[j] > near || gradient[j] < 0)
                    .toArray();
        }
    }
}
