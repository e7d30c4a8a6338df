package dev.weir.operators.merge;

import dev.weir.operators.Facts;
import dev.weir.operators.setting.Setting;
import java.util.Arrays;
import java.util.List;

/**
 * Linear combination of saved checkpoints: theta = sum a_i theta_i with sum a_i = 1, of either sign and any size. They come
 * from a search that scores combinations; without them all checkpoints count alike. Rounding grows with the sum of their
 * magnitudes.
 *
 * <p>Source: Liu et al., Linear Combination of Saved Checkpoints Makes Consistency and Diffusion Models Better (2024), section 4.
 *
 * @param coefficients a_i, one for each checkpoint, or for each but the first, which takes the rest, in [-1,000, 1,000]; empty,
 *     the default: uniform
 */
record Lcsc(List<Double> coefficients) implements LinearMerge {

    static final MergeSpec SPEC = new MergeSpec(
            "lcsc",
            "A10",
            "Linear Combination of Saved Checkpoints Makes Consistency and Diffusion Models Better",
            "Liu et al. 2024, arXiv:2404.02241, section 4",
            List.of(Setting.numbers(
                    "coefficients",
                    List.of(),
                    -1_000,
                    1_000,
                    "one for each checkpoint, summing to 1, or one for each but the first; uniform when left out")),
            Facts.of(
                    "K6 linear combination",
                    "theta = sum a_i theta_i, sum a_i = 1",
                    "For consistency and diffusion models, when a score can be computed cheaply. The evolutionary search is"
                            + " outside: it asks for one combination after the other. Score the last on data that the search"
                            + " did not see."),
            MergeSpec.MODELS,
            settings -> new Lcsc(settings.numbers("coefficients")));

    Lcsc {
        coefficients = List.copyOf(coefficients);
    }

    @Override
    public Coefficients coefficients(Models models) {
        int count = models.count();
        double[] given = coefficients.stream().mapToDouble(Double::doubleValue).toArray();
        double sum = Arrays.stream(given).sum();
        if (given.length == 0) {
            return Coefficients.same(models, Coefficients.uniform(count));
        }
        if (given.length == count - 1) {
            return Coefficients.same(models, Coefficients.onBase(given));
        }
        if (given.length != count || Math.abs(sum - 1) > 1e-9) {
            throw new IllegalArgumentException("operator lcsc: setting coefficients: " + given.length
                    + " numbers with sum " + sum + " for " + count + " checkpoints; allowed: " + count
                    + " with sum 1, or " + (count - 1) + " for all but the first");
        }
        return Coefficients.same(models, given);
    }
}
