package dev.weir.operators.solve;

import java.util.Arrays;
import org.ojalgo.optimisation.Expression;
import org.ojalgo.optimisation.ExpressionsBasedModel;
import org.ojalgo.optimisation.Optimisation;
import org.ojalgo.optimisation.Variable;

/** The convex quadratic program min ½ wᵀQw − cᵀw over the simplex w ≥ 0, Σw = 1, by the library's active-set method. */
public final class SimplexQuadratic {

    /** Largest {@link #residual} of a result. */
    public static final double MAX_RESIDUAL = 1e-10;

    private SimplexQuadratic() {}

    /**
     * The best weights.
     *
     * @param q k by k, symmetric and positive semidefinite
     * @param c k numbers
     * @throws IllegalArgumentException if no weights satisfy the conditions of optimality within {@link #MAX_RESIDUAL}
     */
    public static double[] minimise(double[][] q, double[] c) {
        double scale = scale(q, c);
        ExpressionsBasedModel model = new ExpressionsBasedModel();
        Variable[] w = new Variable[c.length];
        Expression total = model.addExpression("total").level(1);
        for (int k = 0; k < c.length; k++) {
            w[k] = model.addVariable("w" + k).lower(0).weight(-c[k] / scale);
            total.set(w[k], 1);
        }
        Expression quadratic = model.addExpression("quadratic").weight(0.5);
        for (int k = 0; k < c.length; k++) {
            for (int l = 0; l < c.length; l++) {
                quadratic.set(w[k], w[l], q[k][l] / scale);
            }
        }
        Optimisation.Result result = model.minimise();
        double[] weights = new double[c.length];
        for (int k = 0; k < c.length; k++) {
            weights[k] = Math.max(0, result.doubleValue(k));
        }
        double sum = Arrays.stream(weights).sum();
        for (int k = 0; k < c.length; k++) {
            weights[k] /= sum;
        }
        double residual = residual(q, c, weights);
        if (!(residual <= MAX_RESIDUAL)) {
            throw new IllegalArgumentException("quadratic program of " + c.length + " weights: the solver ended "
                    + result.getState() + ", " + residual + " away from optimal; allowed: at most " + MAX_RESIDUAL
                    + "; leave out models that are nearly equal");
        }
        return weights;
    }

    /**
     * How far weights are from the Karush-Kuhn-Tucker conditions, relative to the largest number in Q and c: with g = Qw −
     * c, the largest of w_k (g_k − min g), −w_k and |Σw − 1|. 0 at the optimum.
     */
    public static double residual(double[][] q, double[] c, double[] weights) {
        double[] gradient = new double[c.length];
        double total = 0;
        for (int k = 0; k < c.length; k++) {
            double sum = -c[k];
            for (int l = 0; l < c.length; l++) {
                sum += q[k][l] * weights[l];
            }
            gradient[k] = sum;
            total += weights[k];
        }
        double least = Arrays.stream(gradient).min().orElseThrow();
        double scale = scale(q, c);
        double residual = Math.abs(total - 1);
        for (int k = 0; k < c.length; k++) {
            residual = Math.max(residual, Math.max(-weights[k], weights[k] * (gradient[k] - least) / scale));
        }
        return residual;
    }

    private static double scale(double[][] q, double[] c) {
        double scale = Arrays.stream(c).map(Math::abs).max().orElse(0);
        for (double[] row : q) {
            scale = Math.max(scale, Arrays.stream(row).map(Math::abs).max().orElse(0));
        }
        return scale == 0 ? 1 : scale;
    }
}
