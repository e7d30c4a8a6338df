package dev.weir.operators.merge;

import dev.weir.operators.Facts;
import dev.weir.operators.setting.Setting;
import java.util.List;
import java.util.Map;

/**
 * Layer-wise averaging: (1 - l) A + l B with an l of each layer's own; layers that no pattern names are A's.
 *
 * <p>Source: Adilova et al., Layer-wise Linear Mode Connectivity (2024), definition 1.
 *
 * @param lambdas l by tensor name, in [0, 1]; default 0.5 for all
 */
record LayerWise(TensorNumbers lambdas) implements LinearMerge {

    static final MergeSpec SPEC = new MergeSpec(
            "layer-wise",
            "B18",
            "Layer-wise Linear Mode Connectivity",
            "Adilova et al. 2024, arXiv:2307.06966, definition 1",
            List.of(Setting.text("layers", "PATTERN:LAMBDA,..., the first match counts; *:0.5 when left out")),
            Facts.of(
                    "K6 linear combination",
                    "theta_l = (1 - lambda_l) A_l + lambda_l B_l",
                    "To see which layers may be averaged without a barrier, and to average only those. A is the first input;"
                            + " several others are averaged. The barrier, the error at lambda less the line between the ends,"
                            + " is for an evaluation."),
            MergeSpec.BASE_AND_MODELS,
            settings -> new LayerWise(
                    settings.read("layers", text -> TensorNumbers.parse(text.isEmpty() ? "*:0.5" : text, 0, 1))));

    @Override
    public Map<String, List<String>> patterns() {
        return Map.of("layers", lambdas.patterns());
    }

    @Override
    public Coefficients coefficients(Models models) {
        lambdas.check("layer-wise", "layers", 1);
        return Coefficients.byName(
                models, tensor -> WiseFt.between(models.count(), lambdas.of(tensor, new double[1])[0]));
    }
}
