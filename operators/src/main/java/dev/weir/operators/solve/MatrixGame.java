package dev.weir.operators.solve;

import java.util.Arrays;
import org.ojalgo.optimisation.Expression;
import org.ojalgo.optimisation.ExpressionsBasedModel;
import org.ojalgo.optimisation.Optimisation;
import org.ojalgo.optimisation.Variable;

/**
 * A zero-sum game: the row player receives S[i][j] from the column player. Source: von Neumann's minimax theorem as a
 * linear program, for example Dantzig, Linear Programming and Extensions (1963), chapter 13: the value is the largest v
 * with Sᵀp ≥ v for a p of the simplex.
 */
public final class MatrixGame {

    private MatrixGame() {}

    /**
     * The value of the game.
     *
     * @param payoff of the row player, m by n, finite
     * @throws IllegalStateException if the solver fails
     */
    public static double value(double[][] payoff) {
        ExpressionsBasedModel model = new ExpressionsBasedModel();
        Variable value = model.addVariable("value").weight(1);
        Expression total = model.addExpression("total").level(1);
        Variable[] p = new Variable[payoff.length];
        for (int i = 0; i < p.length; i++) {
            p[i] = model.addVariable("p" + i).lower(0);
            total.set(p[i], 1);
        }
        for (int j = 0; j < payoff[0].length; j++) {
            Expression column = model.addExpression("column" + j).lower(0);
            column.set(value, -1);
            for (int i = 0; i < p.length; i++) {
                column.set(p[i], payoff[i][j]);
            }
        }
        Optimisation.Result result = model.maximise();
        if (!result.getState().isOptimal()) {
            throw new IllegalStateException("game of " + payoff.length + " rows and " + payoff[0].length
                    + " columns: the solver ended " + result.getState());
        }
        return result.getValue();
    }

    /** The optimal strategy of the row player that has the most entropy; unique. */
    public static double[] rowStrategy(double[][] payoff, double value) {
        return MaximumEntropy.above(payoff, value);
    }

    /** The optimal strategy of the column player that has the most entropy; unique. */
    public static double[] columnStrategy(double[][] payoff, double value) {
        double[][] mirrored = new double[payoff[0].length][payoff.length];
        for (int i = 0; i < payoff.length; i++) {
            for (int j = 0; j < mirrored.length; j++) {
                mirrored[j][i] = -payoff[i][j];
            }
        }
        return MaximumEntropy.above(mirrored, -value);
    }

    /** S q: what each row receives against a column strategy. */
    public static double[] rowPayoffs(double[][] payoff, double[] columnStrategy) {
        return Arrays.stream(payoff)
                .mapToDouble(row -> {
                    double sum = 0;
                    for (int j = 0; j < row.length; j++) {
                        sum += row[j] * columnStrategy[j];
                    }
                    return sum;
                })
                .toArray();
    }

    /** Sᵀp: what each column pays against a row strategy. */
    public static double[] columnPayoffs(double[][] payoff, double[] rowStrategy) {
        double[] sums = new double[payoff[0].length];
        for (int i = 0; i < payoff.length; i++) {
            for (int j = 0; j < sums.length; j++) {
                sums[j] += rowStrategy[i] * payoff[i][j];
            }
        }
        return sums;
    }
}
