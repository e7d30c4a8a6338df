package dev.weir.operators.gram;

import dev.weir.operators.solve.SpdSystem;

/**
 * Sums Σ G and Σ G W of one linear layer over models, in f64, and the W that they ask for: (Σ G)⁻¹ Σ G W. A commutative group up
 * to rounding: sums of parts may be added up, and what was added can be taken away again.
 */
public final class GramSum {

    private final double[][] gram;
    private final double[][] product;

    /**
     * Of no models.
     *
     * @param inputs of the layer
     * @param outputs of the layer
     */
    public GramSum(int inputs, int outputs) {
        this.gram = new double[inputs][inputs];
        this.product = new double[inputs][outputs];
    }

    /**
     * Adds a model.
     *
     * @param otherGram inputs by inputs, symmetric, finite
     * @param weights inputs by outputs, finite
     * @param scale factor of both sums; −1 takes away what was added
     * @throws IllegalArgumentException if a shape differs or a number is not finite; nothing is added then
     */
    public void add(double[][] otherGram, double[][] weights, double scale) {
        requireShape("Gram matrix", otherGram, gram.length, gram.length);
        requireShape("weights", weights, gram.length, outputs());
        for (int i = 0; i < gram.length; i++) {
            double[] sums = product[i];
            for (int j = 0; j < gram.length; j++) {
                double g = scale * otherGram[i][j];
                gram[i][j] += g;
                double[] row = weights[j];
                for (int o = 0; o < sums.length; o++) {
                    sums[o] += g * row[o];
                }
            }
        }
    }

    /** Adds what another has added. */
    public void add(GramSum other) {
        requireShape("other sum", other.product, gram.length, outputs());
        for (int i = 0; i < gram.length; i++) {
            for (int j = 0; j < gram.length; j++) {
                gram[i][j] += other.gram[i][j];
            }
            for (int o = 0; o < outputs(); o++) {
                product[i][o] += other.product[i][o];
            }
        }
    }

    /**
     * The weights, inputs by outputs.
     *
     * @param layer for messages
     * @throws IllegalArgumentException if the sum of the Gram matrices is singular or too near to it
     */
    public SpdSystem.Solution solve(String layer) {
        return SpdSystem.solve("Gram matrix of " + layer, gram, product);
    }

    /** Σ G less a multiple of the identity. */
    double[][] gramLess(double diagonal) {
        double[][] less = new double[gram.length][];
        for (int i = 0; i < gram.length; i++) {
            less[i] = gram[i].clone();
            less[i][i] -= diagonal;
        }
        return less;
    }

    private int outputs() {
        return product.length == 0 ? 0 : product[0].length;
    }

    private static void requireShape(String what, double[][] matrix, int rows, int columns) {
        boolean fits = matrix.length == rows;
        for (int i = 0; fits && i < rows; i++) {
            fits = matrix[i].length == columns;
            for (int j = 0; fits && j < columns; j++) {
                fits = Double.isFinite(matrix[i][j]);
            }
        }
        if (!fits) {
            throw new IllegalArgumentException(what + ": " + matrix.length
                    + " rows, of another length or with a number that is not finite; allowed: " + rows + " by "
                    + columns
                    + ", finite");
        }
    }
}
