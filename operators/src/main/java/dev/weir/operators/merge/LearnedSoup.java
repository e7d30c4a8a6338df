package dev.weir.operators.merge;

import dev.weir.operators.Facts;
import dev.weir.operators.setting.Setting;
import dev.weir.operators.setting.Settings;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Learned soup: for each layer a softmax over the models of logits that were learned on held-out data, times one
 * temperature: theta_l = sum a_lk theta_k, a_l = softmax(temperature logits_l). Learning them needs gradients and is
 * outside; here they are applied. Equal logits are the uniform soup.
 *
 * <p>Source: Wortsman et al., Model soups (2022), appendix I.
 *
 * @param logits by tensor name, one of each model, in [-1e6, 1e6]; by default equal
 * @param temperature that multiplies them, in [0, 1e6]; default 1
 */
record LearnedSoup(TensorNumbers logits, double temperature) implements LinearMerge {

    static final MergeSpec SPEC = new MergeSpec(
            "learned-soup",
            "B3",
            "Model soups: averaging weights of multiple fine-tuned models improves accuracy without increasing inference time",
            "Wortsman et al. 2022, arXiv:2203.05482, appendix I",
            List.of(
                    Setting.text("logits", "PATTERN:L1/L2/..., one of each model; tensors without have equal ones"),
                    Setting.number("temperature", 1, 0, 1e6, "multiplies the logits")),
            Facts.of(
                    "K6 linear combination",
                    "theta_l = sum a_lk theta_k, a_l = softmax(temperature x logits_l)",
                    "When the coefficients of a soup were learned by gradients on held-out data, which is outside."),
            MergeSpec.MODELS,
            LearnedSoup::of);

    private static LearnedSoup of(Settings settings) {
        settings.refuseIdle("temperature", !settings.given("logits"), "logits");
        return new LearnedSoup(
                settings.read("logits", text -> TensorNumbers.parse(text, -1e6, 1e6)), settings.number("temperature"));
    }

    @Override
    public Map<String, List<String>> patterns() {
        return Map.of("logits", logits.patterns());
    }

    @Override
    public Coefficients coefficients(Models models) {
        logits.check("learned-soup", "logits", models.count());
        return Coefficients.byName(
                models, tensor -> softmax(logits.of(tensor, new double[models.count()]), temperature));
    }

    static double[] softmax(double[] values, double temperature) {
        double largest = Arrays.stream(values).max().orElseThrow();
        return Coefficients.normalised(Arrays.stream(values)
                .map(value -> StrictMath.exp(temperature * (value - largest)))
                .toArray());
    }
}
