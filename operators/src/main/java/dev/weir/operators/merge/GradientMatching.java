package dev.weir.operators.merge;

import dev.weir.operators.Facts;
import dev.weir.operators.setting.Setting;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Merging by uncertainty-based gradient matching: theta = theta_0 + s sum_t [(a_t H_t + c H_0 + d) / H] (theta_t - theta_0),
 * H = s sum_t a_t H_t + c H_0 + d, for each element. With H_0 = 0, d = 0 and s = 1 it is Fisher merging; with H_t = 0 it is task
 * arithmetic. Where H is 0 the models count alike.
 *
 * <p>Source: Daheim et al., Model Merging by Uncertainty-Based Gradient Matching (2024), equation 12.
 *
 * @param scale s, 0 or more
 * @param prior c, weight of the base's Hessian, 0 or more
 * @param delta d, 0 or more
 * @param weights a_t, one for each model but the base; empty: all 1
 */
record GradientMatching(double scale, double prior, double delta, List<Double> weights) implements ElementMerge {

    static final MergeSpec SPEC = new MergeSpec(
            "gradient-matching",
            "B11",
            "Model Merging by Uncertainty-Based Gradient Matching",
            "Daheim et al. 2024, arXiv:2310.12808, equation 12",
            List.of(
                    Setting.number("scale", 1, 0, 1e6, "scale of the models' differences from the base"),
                    Setting.number("prior", 1, 0, 1e12, "weight of the base's Hessian"),
                    Setting.number("delta", 0, 0, 1e12, "added to the Hessians"),
                    Setting.numbers(
                            "weights", List.of(), 0, 1e12, "weight of each model but the base; all 1 when left out")),
            Facts.of(
                            "K1 weighted mean with a denominator of each element",
                            "theta = theta_0 + s sum_t ((a_t H_t + c H_0 + d) / H) (theta_t - theta_0), H = s sum_t a_t H_t + c H_0 + d",
                            "For models of different tasks from one base, the first input. The Hessians' diagonals, squared"
                                    + " gradients at labels drawn from the model, come from whoever has the data; that of the"
                                    + " base first.")
                    .needing("hessian"),
            MergeSpec.BASE_AND_MODELS,
            settings -> new GradientMatching(
                    settings.number("scale"),
                    settings.number("prior"),
                    settings.number("delta"),
                    settings.numbers("weights")));

    GradientMatching {
        weights = List.copyOf(weights);
    }

    @Override
    public String side() {
        return "hessian";
    }

    @Override
    public Normalisation normalisation() {
        return Normalisation.NONE;
    }

    @Override
    public ElementWeights weights(int models) {
        double[] plain = WiseFt.between(models, 1);
        List<Double> factors = new ArrayList<>(List.of(prior));
        if (weights.isEmpty()) {
            factors.addAll(Collections.nCopies(models - 1, 1.0));
        } else {
            Weights.shares("gradient-matching", "weights", weights, models - 1);
            factors.addAll(weights);
        }
        return new ElementWeights(
                factors, delta, scale, true, 0, Arrays.stream(plain).boxed().toList());
    }
}
