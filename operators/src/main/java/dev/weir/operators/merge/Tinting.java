package dev.weir.operators.merge;

import dev.weir.operators.Facts;
import dev.weir.operators.setting.Setting;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The merged part of model tinting: theta_0 + sum_k l_k t_k, t_k = theta_k - theta_0, with coefficients of each layer's
 * own, kept within [0, 1]; those that had to be are counted. The layers that are tinted for each task, and the training,
 * are outside.
 *
 * <p>Source: Tint Your Models Task-wise for Improved Multi-task Model Merging (2024).
 *
 * @param lambda l_k where no pattern matches, in [0, 1]; default 0.3
 * @param lambdas l_k by tensor name, one of each model, in [-1e6, 1e6] and brought into [0, 1]; none by default
 */
record Tinting(double lambda, TensorNumbers lambdas) implements LinearMerge {

    static final MergeSpec SPEC = new MergeSpec(
            "tinting",
            "B20",
            "Tint Your Models Task-wise for Improved Multi-task Model Merging",
            "Jung et al. 2024",
            List.of(
                    Setting.number("lambda", 0.3, 0, 1, "coefficient of every task vector where no pattern matches"),
                    Setting.text("layers", "PATTERN:L1/L2/..., one of each model; values outside 0 to 1 are clamped")),
            Facts.of(
                    "K6 linear combination",
                    "theta_l = theta_0 + sum_k clamp(lambda_lk, 0, 1) (theta_k - theta_0)",
                    "For several tasks from one base, the first input, when coefficients were trained on pseudo-labels, which"
                            + " is outside; so are the task-specific layers."),
            MergeSpec.BASE_AND_MODELS,
            settings -> new Tinting(
                    settings.number("lambda"), settings.read("layers", text -> TensorNumbers.parse(text, -1e6, 1e6))));

    @Override
    public Map<String, List<String>> patterns() {
        return Map.of("layers", lambdas.patterns());
    }

    @Override
    public Coefficients coefficients(Models models) {
        lambdas.check("tinting", "layers", models.count() - 1);
        double[] others = new double[models.count() - 1];
        Arrays.fill(others, lambda);
        long clamped = models.tensors().stream()
                .flatMapToDouble(tensor -> Arrays.stream(lambdas.of(tensor, others)))
                .filter(value -> value < 0 || value > 1)
                .count();
        return Coefficients.byName(
                        models,
                        tensor -> Coefficients.onBase(Arrays.stream(lambdas.of(tensor, others))
                                .map(value -> Math.clamp(value, 0.0, 1.0))
                                .toArray()))
                .counting("clamped-coefficients", clamped);
    }
}
