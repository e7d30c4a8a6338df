package dev.weir.operators.choice;

import dev.weir.operators.Facts;
import dev.weir.operators.MethodSpec;
import dev.weir.operators.solve.SimplexQuadratic;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The convex combination of models whose outputs are nearest to the target: min_w Σ v (y − Σ_k w_k f_k)² with w ≥ 0 and Σ w =
 * 1. Good for an ensemble of outputs; as coefficients of weights it is a proposal, to be evaluated.
 *
 * <p>Source: Echtenbruck et al., Optimally Weighted Ensembles of Regression Models: Exact Weight Optimization and
 * Applications (2022); expanding the square leaves wᵀQw − 2cᵀw + s over the {@link EnsembleMoments}. Models that predict
 * the same share a weight equally: they are solved as one.
 */
public final class ConvexEnsemble {

    /** As people name it. */
    public static final MethodSpec SPEC = new MethodSpec(
            "ensemble",
            "D6",
            "Optimally Weighted Ensembles of Regression Models: Exact Weight Optimization and Applications",
            "Echtenbruck et al. 2022, arXiv:2206.11263",
            List.of(),
            Facts.ofEvaluations(
                    "rule over a table of predictions",
                    "w = argmin sum_n v_n (y_n - sum_k w_k f_k(x_n))^2, w >= 0, sum w = 1",
                    "predictions",
                    "For weights of an ensemble of outputs; as coefficients of a soup they are a proposal. See"
                            + " [choosing](../choice.md). Those of the votes of a model's newest evaluated versions stand"
                            + " in its standings: `weir inspect --standings`."),
            "weir rank --rule ensemble",
            true);

    private ConvexEnsemble() {}

    /**
     * The weights of the models, as scores; with them the mean squared errors of the ensemble, of equal weights, and of each
     * model alone.
     *
     * @throws IllegalArgumentException without examples of a weight above 0, or if models are too nearly equal to be told apart
     */
    public static Standings fit(EnsembleMoments moments) {
        if (!(moments.weight() > 0)) {
            throw new IllegalArgumentException("ensemble: " + moments.examples() + " examples of weight "
                    + moments.weight() + "; allowed: at least one of a weight above 0");
        }
        int models = moments.models();
        int[] like = firstAlike(moments);
        int[] different = Arrays.stream(like).distinct().toArray();
        double[][] q = new double[different.length][different.length];
        double[] c = new double[different.length];
        for (int a = 0; a < different.length; a++) {
            for (int b = 0; b < different.length; b++) {
                q[a][b] = moments.q()[different[a]][different[b]];
            }
            c[a] = moments.c()[different[a]];
        }
        double[] solved = SimplexQuadratic.minimise(q, c);
        double[] weights = new double[models];
        double[] alone = new double[models];
        double[] equal = new double[models];
        for (int k = 0; k < models; k++) {
            int first = like[k];
            long copies = Arrays.stream(like).filter(other -> other == first).count();
            weights[k] = solved[Arrays.binarySearch(different, first)] / copies;
            equal[k] = 1.0 / models;
            double[] one = new double[models];
            one[k] = 1;
            alone[k] = moments.error(one);
        }
        return Standings.of(
                weights,
                Map.of("error-alone", alone),
                Map.of(),
                new TreeMap<>(Map.of(
                        "error", moments.error(weights),
                        "error-equal-weights", moments.error(equal),
                        "examples", (double) moments.examples())));
    }

    /** Of each model the first that predicts the same: their rows of Q are then the same bits. Ascending where first. */
    private static int[] firstAlike(EnsembleMoments moments) {
        int[] like = new int[moments.models()];
        for (int k = 0; k < like.length; k++) {
            like[k] = k;
            for (int l = k - 1; l >= 0; l--) {
                boolean same = Arrays.equals(moments.q()[k], moments.q()[l])
                        && moments.q()[k][k] == moments.q()[k][l]
                        && moments.c()[k] == moments.c()[l];
                like[k] = same ? l : like[k];
            }
        }
        return like;
    }
}
