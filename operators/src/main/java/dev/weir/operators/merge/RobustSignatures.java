package dev.weir.operators.merge;

import dev.weir.operators.Cost;
import dev.weir.operators.Facts;
import dev.weir.operators.TensorPolicy;
import dev.weir.operators.setting.Setting;
import java.util.List;
import java.util.Map;

/**
 * Robust weight signatures: what robust training adds beyond standard training, r_c = b_c - (&lt;a, b_c&gt; / &lt;a, a&gt;) a for each tensor,
 * where a = standard - pre-trained and b_c = robust_c - pre-trained; a target model is patched with a / n times each. With
 * a = 0, r_c = b_c. The coefficient counts once.
 *
 * <p>Source: Cai et al., Robust Weight Signatures: Gaining Robustness as Easy as Patching Weights? (2023), section 3.
 *
 * @param alpha a, coefficient of the signatures together, in [-100, 100]; default 1
 * @param layers globs over the tensors that are patched; the rest are the target's; default *, all
 */
record RobustSignatures(double alpha, List<String> layers) implements LinearMerge {

    static final MergeSpec SPEC = new MergeSpec(
            "rws",
            "B16",
            "Robust Weight Signatures: Gaining Robustness as Easy as Patching Weights?",
            "Cai et al. 2023, section 3",
            List.of(
                    Setting.number("alpha", 1, -100, 100, "coefficient of the signatures; -1 takes them away again"),
                    Setting.text("layers", "globs over the tensors to patch, with commas between; all when left out")),
            Facts.of(
                            "K4 reductions, then K6 linear combination",
                            "theta = target + (alpha / n) sum_c (b_c - (<a, b_c> / <a, a>) a)",
                            "To make a model robust against a corruption without training it so. The inputs: the pre-trained model,"
                                    + " the standard one, one or more robust ones, and the target last. The paper patches the first"
                                    + " seven layers: name them. Quantised signatures and BatchNorm statistics are outside. Reads the"
                                    + " files twice.")
                    .costing(Cost.TENSOR),
            List.of("base", "standard", "robust models", "target"),
            settings -> new RobustSignatures(
                    settings.number("alpha"),
                    settings.given("layers") ? List.of(settings.text("layers").split(",", -1)) : List.of("*")));

    RobustSignatures {
        layers = List.copyOf(layers);
    }

    @Override
    public Map<String, List<String>> patterns() {
        return Map.of("layers", layers);
    }

    @Override
    public boolean needsGrams() {
        return true;
    }

    @Override
    public Coefficients coefficients(Models models) {
        return Coefficients.byTensor(models, tensor -> {
            double[] row = new double[models.count()];
            row[row.length - 1] = 1;
            if (layers.stream()
                    .map(layer -> new TensorPolicy.Rule(layer, TensorPolicy.AVERAGE))
                    .noneMatch(rule -> rule.matches(models.tensors().get(tensor)))) {
                return row;
            }
            Gram gram = models.grams().get(tensor);
            double share = alpha / (row.length - 3);
            for (int c = 2; c < row.length - 1; c++) {
                double projection = gram.dot(1, 1) == 0 ? 0 : gram.dot(1, c) / gram.dot(1, 1);
                row[c] = share;
                row[1] -= share * projection;
                row[0] -= share * (1 - projection);
            }
            return row;
        });
    }
}
