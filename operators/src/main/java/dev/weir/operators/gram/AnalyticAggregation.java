package dev.weir.operators.gram;

import dev.weir.operators.solve.SpdSystem;

/**
 * The absolute aggregation law of analytic federated learning: from C_k = X_kᵀX_k + rI and the ridge regressions W_k = C_k⁻¹X_kᵀY_k
 * of the clients follows the regression over all their data, exactly and in one round. In any order; a client can be taken
 * away again.
 *
 * <p>Source: He et al., Analytic Federated Learning (2024), equations 9 and 12. The paper's pairwise law is (C_1 + C_2)⁻¹(C_1W_1
 * + C_2W_2): so the law over all clients is that of {@link RegMean} with a = 1 and no mean over the examples. Since C_kW_k =
 * X_kᵀY_k, the result is the ridge regression of the pooled data with K r; as Σ C − K r I = Σ XᵀX, W + K r (Σ C − K r I)⁻¹ W is
 * the one without a ridge.
 */
public final class AnalyticAggregation {

    private final String layer;
    private final GramSum sum;
    private final double ridge;
    private int clients;

    /**
     * Of no clients.
     *
     * @param layer for messages
     * @param inputs features
     * @param outputs classes; those that a client has not seen are columns of zeros
     * @param ridge r that every client has added, 0 or more
     */
    public AnalyticAggregation(String layer, int inputs, int outputs, double ridge) {
        if (!(ridge >= 0 && ridge < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(layer + ": ridge " + ridge + "; allowed: 0 or more");
        }
        this.layer = layer;
        this.sum = new GramSum(inputs, outputs);
        this.ridge = ridge;
    }

    /** Adds a client: C_k, inputs by inputs, and W_k, inputs by outputs. */
    public void add(double[][] c, double[][] weights) {
        sum.add(c, weights, 1);
        clients++;
    }

    /** Takes a client away that was added with the same numbers. */
    public void remove(double[][] c, double[][] weights) {
        if (clients == 0) {
            throw new IllegalArgumentException(layer + ": no client to take away; allowed: one that was added");
        }
        sum.add(c, weights, -1);
        clients--;
    }

    /** The ridge regression of all data with K r for K clients. */
    public SpdSystem.Solution weights() {
        return sum.solve(layer);
    }

    /**
     * The regression of all data without a ridge.
     *
     * @throws IllegalArgumentException if all clients' data together leave it undetermined
     */
    public double[][] cleanWeights() {
        double[][] w = weights().values();
        double total = clients * ridge;
        double[][] correction = SpdSystem.solve(
                        "Gram matrix of " + layer + " without the ridge", sum.gramLess(total), w)
                .values();
        for (int i = 0; i < w.length; i++) {
            for (int o = 0; o < w[i].length; o++) {
                w[i][o] += total * correction[i][o];
            }
        }
        return w;
    }
}
