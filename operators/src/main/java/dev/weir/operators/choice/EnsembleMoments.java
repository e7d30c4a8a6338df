package dev.weir.operators.choice;

/**
 * All that the best convex ensemble depends on, of any number of examples: Q = Σ v f fᵀ, c = Σ v y f and s = Σ v y², in f64. Sums in
 * the order of the examples; parts may be added up.
 */
public final class EnsembleMoments {

    private final double[][] q;
    private final double[] c;
    private double s;
    private double weight;
    private long examples;

    /** Of no examples, and so many models. */
    public EnsembleMoments(int models) {
        this.q = new double[models][models];
        this.c = new double[models];
    }

    /**
     * Of predicted classes that count as votes: f is 1 for the class that a model predicts and 0 for all others, y likewise for the
     * true class, and the moments are counts.
     *
     * @param alike examples for which the row's and the column's model predict the same class; on the diagonal all examples
     * @param right examples of which a model predicts the true class
     * @param examples how many there are
     */
    public static EnsembleMoments ofVotes(long[][] alike, long[] right, long examples) {
        EnsembleMoments moments = new EnsembleMoments(right.length);
        for (int k = 0; k < right.length; k++) {
            for (int l = 0; l < right.length; l++) {
                moments.q[k][l] = alike[k][l];
            }
            moments.c[k] = right[k];
        }
        moments.s = examples;
        moments.weight = examples;
        moments.examples = examples;
        return moments;
    }

    /**
     * Takes in an example.
     *
     * @param predictions of each model, finite
     * @param target what is right, finite
     * @param exampleWeight v, finite, 0 or more
     * @throws IllegalArgumentException if a number is not allowed; nothing is taken in then
     */
    public void add(double[] predictions, double target, double exampleWeight) {
        if (predictions.length != c.length) {
            throw new IllegalArgumentException(
                    predictions.length + " predictions; allowed: one for each of " + c.length + " models");
        }
        for (int k = 0; k < c.length; k++) {
            requireFinite("prediction of model " + (k + 1), predictions[k]);
        }
        requireFinite("target", target);
        if (!(exampleWeight >= 0 && exampleWeight < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("weight: " + exampleWeight + "; allowed: 0 or more");
        }
        for (int k = 0; k < c.length; k++) {
            for (int l = 0; l < c.length; l++) {
                q[k][l] += exampleWeight * (predictions[k] * predictions[l]);
            }
            c[k] += exampleWeight * (predictions[k] * target);
        }
        s += exampleWeight * (target * target);
        weight += exampleWeight;
        examples++;
    }

    /** Takes in what another has taken in. */
    public void add(EnsembleMoments other) {
        if (other.c.length != c.length) {
            throw new IllegalArgumentException(other.c.length + " models; allowed: " + c.length);
        }
        for (int k = 0; k < c.length; k++) {
            for (int l = 0; l < c.length; l++) {
                q[k][l] += other.q[k][l];
            }
            c[k] += other.c[k];
        }
        s += other.s;
        weight += other.weight;
        examples += other.examples;
    }

    public int models() {
        return c.length;
    }

    public long examples() {
        return examples;
    }

    /** Sum of the examples' weights. */
    public double weight() {
        return weight;
    }

    /** Weighted mean of (y − Σ w_k f_k)². */
    public double error(double[] weights) {
        double sum = s;
        for (int k = 0; k < c.length; k++) {
            sum -= 2 * weights[k] * c[k];
            for (int l = 0; l < c.length; l++) {
                sum += weights[k] * weights[l] * q[k][l];
            }
        }
        return Math.max(0, sum / weight);
    }

    double[][] q() {
        return q;
    }

    double[] c() {
        return c;
    }

    private static void requireFinite(String what, double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException(what + ": " + value + "; allowed: a finite number");
        }
    }
}
