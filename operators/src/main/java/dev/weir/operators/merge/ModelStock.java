package dev.weir.operators.merge;

import dev.weir.operators.Facts;
import java.util.Arrays;
import java.util.List;

/**
 * Model stock: for each tensor, from the base as far toward the models' mean as the angle between their differences d_i from
 * the base says: t = N c / (1 + (N - 1) c), where c is the mean cosine over the pairs. With u = sum d_i / |d_i|, the mean is
 * (|u|^2 - N+) / (N (N - 1)), N+ counting the d_i that are not 0; a d_i of 0 adds nothing. No absolute guard: tensors that
 * moved little have angles too. t is kept within [0, 1], and what had to be is counted. One model: t = 1.
 *
 * <p>Source: Jang et al., Model Stock: All we need is just a few fine-tuned models (2024), section 4; c for more than two models is
 * the mean over pairs, which the paper leaves open.
 */
record ModelStock() implements LinearMerge {

    static final MergeSpec SPEC = new MergeSpec(
            "model-stock",
            "B7",
            "Model Stock: All we need is just a few fine-tuned models",
            "Jang et al. 2024, arXiv:2403.19522, section 4",
            List.of(),
            Facts.of(
                    "K4 reductions, then K6 linear combination",
                    "theta = t mean(theta_i) + (1 - t) theta_0, t = N c / (1 + (N - 1) c), c = mean cosine of the"
                            + " differences from theta_0",
                    "With two or three models fine-tuned from one base, the first input: nothing to tune, no data. Reads the"
                            + " files twice."),
            MergeSpec.BASE_AND_MODELS,
            settings -> new ModelStock());

    @Override
    public boolean needsGrams() {
        return true;
    }

    @Override
    public Coefficients coefficients(Models models) {
        long clamped = models.grams().stream()
                .mapToDouble(gram -> ratio(gram, models.count() - 1))
                .filter(t -> t < 0 || t > 1)
                .count();
        return Coefficients.byTensor(models, tensor -> {
                    double[] others = new double[models.count() - 1];
                    double t = Math.clamp(ratio(models.grams().get(tensor), others.length), 0.0, 1.0);
                    Arrays.fill(others, t / others.length);
                    return Coefficients.onBase(others);
                })
                .counting("clamped-tensors", clamped);
    }

    /** t before it is clamped, of a Gram whose first model is the base. */
    static double ratio(Gram gram, int n) {
        double square = 0;
        int moved = 0;
        for (int i = 1; i <= n; i++) {
            moved += gram.dot(i, i) == 0 ? 0 : 1;
            for (int j = 1; j <= n; j++) {
                double lengths = gram.norm(i) * gram.norm(j);
                square += lengths == 0 ? 0 : gram.dot(i, j) / lengths;
            }
        }
        return StockFold.ratio(square, moved, n);
    }
}
