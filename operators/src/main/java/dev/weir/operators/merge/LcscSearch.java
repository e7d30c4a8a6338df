package dev.weir.operators.merge;

import dev.weir.operators.Facts;
import dev.weir.operators.SearchSpec;
import java.util.Arrays;
import java.util.List;

/**
 * The evolutionary search for a linear combination of saved checkpoints: alpha_i = 1 / K + v_i - mean(v), so that the
 * coefficients sum to 1 and may have either sign, and v is evolved. The paper's own search code is not published; it says
 * mutation, crossover and survival of the best, which {@link Evolution} spells out.
 *
 * <p>Source: Liu et al., Linear Combination of Saved Checkpoints Makes Consistency and Diffusion Models Better (2024), section 4.
 *
 * @param models K, how many, 2 to 1,000; default 6
 * @param score name of the scores; default score
 * @param highest whether the highest score is the best; default false
 * @param evolution how v is evolved; spread 0.5 by default
 */
record LcscSearch(int models, String score, boolean highest, Evolution evolution) implements Search {

    static final SearchSpec SPEC = new SearchSpec(
            "lcsc-search",
            "A10",
            "Linear Combination of Saved Checkpoints Makes Consistency and Diffusion Models Better",
            "Liu et al. 2024, arXiv:2404.02241, section 4",
            EvolutionSettings.of(6, "lowest", 0.5),
            Facts.of(
                            "K6 linear combination",
                            "theta = sum a_i theta_i, sum a_i = 1, a evolved",
                            "A channel holds so many checkpoints and emits each generation's combinations as versions of"
                                    + " CHANNEL@candidates. Evaluators score them, for instance by FID; the best of all is the"
                                    + " next version of the channel. Score it on data that the search did not see. Offline: lcsc.")
                    .needing("scores"),
            settings -> new LcscSearch(
                    (int) settings.integer("models"),
                    SearchSettings.score(settings),
                    SearchSettings.highest(settings),
                    EvolutionSettings.evolution(settings)));

    @Override
    public Next next(Models given, List<Double> scores) {
        List<Double> rising = SearchSettings.rising(scores, highest);
        List<double[]> vectors = evolution.next(models, rising);
        if (vectors.isEmpty()) {
            double[] row = row(evolution.best(models, rising));
            return new Next.Chosen(
                    Coefficients.same(given, row),
                    "the best of " + scores.size() + " combinations" + SearchSettings.without(scores));
        }
        return new Next.Candidates(vectors.stream()
                .map(vector -> Coefficients.same(given, row(vector)))
                .toList());
    }

    private static double[] row(double[] vector) {
        double mean = Arrays.stream(vector).sum() / vector.length;
        return Arrays.stream(vector)
                .map(value -> 1.0 / vector.length + value - mean)
                .toArray();
    }
}
