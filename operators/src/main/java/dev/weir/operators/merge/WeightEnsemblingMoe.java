package dev.weir.operators.merge;

import dev.weir.operators.Facts;
import dev.weir.operators.TensorPolicy;
import dev.weir.operators.setting.Setting;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The static part of a weight-ensembling mixture of experts: task arithmetic theta_0 + l sum_k t_k, t_k = theta_k - theta_0, outside
 * the MLPs, and in the MLPs theta_0 + sum_k r_k t_k with constant routing weights, none by default. The routers, which make r
 * depend on the input, are outside; base and models are the dictionary from which a server builds them.
 *
 * <p>Source: Tang et al., Merging Multi-Task Models via Weight-Ensembling Mixture of Experts (2024), equations 2 and 5.
 *
 * @param lambda l of the static part, in [-10, 10]; default 0.2
 * @param mlp glob over the tensors of the MLPs; default *mlp*
 * @param routing r_k, one of each model, in [-10, 10]; empty, the default: the base's MLPs
 */
record WeightEnsemblingMoe(double lambda, String mlp, List<Double> routing) implements LinearMerge {

    private static final String MLPS = "*mlp*";

    static final MergeSpec SPEC = new MergeSpec(
            "wemoe",
            "B19",
            "Merging Multi-Task Models via Weight-Ensembling Mixture of Experts",
            "Tang et al. 2024, arXiv:2402.00433, equations 2 and 5",
            List.of(
                    Setting.number("lambda", 0.2, -10, 10, "coefficient of every task vector outside the MLPs"),
                    Setting.text("mlp", "glob over the tensors of the MLPs; *mlp* when left out"),
                    Setting.numbers(
                            "routing",
                            List.of(),
                            -10,
                            10,
                            "constant routing weight of each model; none when left out")),
            Facts.of(
                    "K6 linear combination",
                    "theta = theta_0 + lambda sum_k t_k; in MLPs theta_0 + sum_k r_k t_k",
                    "For transformers of several tasks from one base, the first input. Routers, their training by entropy and"
                            + " the merging at inference are outside; this gives the part that all inputs share."),
            MergeSpec.BASE_AND_MODELS,
            settings -> new WeightEnsemblingMoe(
                    settings.number("lambda"),
                    settings.given("mlp") ? settings.text("mlp") : MLPS,
                    settings.numbers("routing")));

    WeightEnsemblingMoe {
        routing = List.copyOf(routing);
    }

    /** Models without MLPs are no mistake unless something is said of these. */
    @Override
    public Map<String, List<String>> patterns() {
        return mlp.equals(MLPS) && routing.isEmpty() ? Map.of() : Map.of("mlp", List.of(mlp));
    }

    @Override
    public Coefficients coefficients(Models models) {
        int experts = models.count() - 1;
        if (!routing.isEmpty() && routing.size() != experts) {
            throw new IllegalArgumentException("operator wemoe: setting routing: " + routing.size() + " weights for "
                    + experts + " models beside the base; allowed: one each");
        }
        double[] inside = routing.isEmpty()
                ? new double[experts]
                : routing.stream().mapToDouble(Double::doubleValue).toArray();
        double[] outside = new double[experts];
        Arrays.fill(outside, lambda);
        TensorPolicy.Rule rule = new TensorPolicy.Rule(mlp, TensorPolicy.AVERAGE);
        return Coefficients.byName(models, tensor -> Coefficients.onBase(rule.matches(tensor) ? inside : outside));
    }
}
