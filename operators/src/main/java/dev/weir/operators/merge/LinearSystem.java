package dev.weir.operators.merge;

/** Small dense systems of linear equations. */
final class LinearSystem {
    private LinearSystem() {}

    /**
     * Gaussian elimination with partial pivoting, in place.
     *
     * @param a n rows of n coefficients and the right-hand side
     * @throws IllegalArgumentException when the system is singular
     */
    static double[] solve(double[][] a) {
        int n = a.length;
        for (int column = 0; column < n; column++) {
            int pivot = column;
            for (int row = column + 1; row < n; row++) {
                if (Math.abs(a[row][column]) > Math.abs(a[pivot][column])) {
                    pivot = row;
                }
            }
            double[] top = a[pivot];
            a[pivot] = a[column];
            a[column] = top;
            if (top[column] == 0) {
                throw new IllegalArgumentException("the snapshots' profiles are not independent; allowed: other steps");
            }
            for (int row = column + 1; row < n; row++) {
                double factor = a[row][column] / top[column];
                for (int k = column; k <= n; k++) {
                    a[row][k] -= factor * top[k];
                }
            }
        }
        double[] x = new double[n];
        for (int row = n - 1; row >= 0; row--) {
            double sum = a[row][n];
            for (int k = row + 1; k < n; k++) {
                sum -= a[row][k] * x[k];
            }
            x[row] = sum / a[row][row];
        }
        return x;
    }
}
