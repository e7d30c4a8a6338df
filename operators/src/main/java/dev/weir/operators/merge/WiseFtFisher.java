package dev.weir.operators.merge;

import dev.weir.operators.Facts;
import dev.weir.operators.Normalisation;
import dev.weir.operators.setting.Setting;
import java.util.List;

/**
 * WiSE-FT by importance: ((1 - a) F_0 theta_0 + a F_1 theta_1) / ((1 - a) F_0 + a F_1) for each element, with a floor under every
 * F; tensors that lack one are interpolated plainly.
 *
 * <p>Source: Wortsman et al., Robust fine-tuning of zero-shot models (2022), whose code offers it; Lin et al., Spurious Feature
 * Diversification Improves Out-of-distribution Generalization (2024).
 *
 * @param alpha a, share of the fine-tuned models, in [0, 1]; default 0.5
 * @param floor smallest F, in [1e-300, 1e300]; default 1e-8
 */
record WiseFtFisher(double alpha, double floor) implements ElementMerge {

    static final MergeSpec SPEC = new MergeSpec(
            "wise-ft-fisher",
            "B8",
            "Spurious Feature Diversification Improves Out-of-distribution Generalization",
            "Wortsman et al. 2022, arXiv:2109.01903; Lin et al. 2024, arXiv:2309.17230",
            List.of(
                    Setting.number("alpha", 0.5, 0, 1, "share of the fine-tuned models"),
                    Setting.number("floor", 1e-8, 1e-300, 1e300, "smallest importance of an element")),
            Facts.of(
                            "K1 weighted mean with a denominator of each element",
                            "theta = ((1 - a) F_0 theta_0 + a F_1 theta_1) / ((1 - a) F_0 + a F_1)",
                            "As wise-ft, when the diagonal Fisher information of both models is at hand.")
                    .needing("fisher"),
            MergeSpec.BASE_AND_MODELS,
            settings -> new WiseFtFisher(settings.number("alpha"), settings.number("floor")));

    @Override
    public String side() {
        return "fisher";
    }

    @Override
    public Normalisation normalisation() {
        return Normalisation.NONE;
    }

    @Override
    public ElementWeights weights(int models) {
        return new ElementWeights(WiseFt.between(models, alpha), floor);
    }
}
