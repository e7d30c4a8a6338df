package dev.weir.operators.merge;

import dev.weir.operators.Facts;
import dev.weir.operators.setting.Setting;
import java.util.Arrays;
import java.util.List;

/**
 * WiSE-FT: between a zero-shot model and its fine-tuned ones, theta = (1 - a) theta_0 + a mean(theta_k). BANG is the same with
 * a model that was fine-tuned with mixup and label smoothing.
 *
 * <p>Source: Wortsman et al., Robust fine-tuning of zero-shot models (2022), equation 1, as in Lin et al., Spurious Feature
 * Diversification Improves Out-of-distribution Generalization (2024).
 *
 * @param alpha a, share of the fine-tuned models, in [0, 1]; default 0.5
 */
record WiseFt(double alpha) implements LinearMerge {

    static final MergeSpec SPEC = new MergeSpec(
            "wise-ft",
            "B8",
            "Spurious Feature Diversification Improves Out-of-distribution Generalization",
            "Wortsman et al. 2022, arXiv:2109.01903, equation 1; Lin et al. 2024, arXiv:2309.17230",
            List.of(Setting.number("alpha", 0.5, 0, 1, "share of the fine-tuned models")),
            Facts.of(
                    "K6 linear combination",
                    "theta = (1 - a) theta_0 + a theta_1",
                    "To keep what the zero-shot model, the first input, knows beyond the fine-tuning data. Several fine-tuned"
                            + " models are averaged. Mixup and label smoothing, which make it BANG, are the trainer's part."),
            MergeSpec.BASE_AND_MODELS,
            settings -> new WiseFt(settings.number("alpha")));

    @Override
    public Coefficients coefficients(Models models) {
        return Coefficients.same(models, between(models.count(), alpha));
    }

    /** The first model's 1 - share, and equal parts of the share for the others. */
    static double[] between(int count, double share) {
        double[] others = new double[count - 1];
        Arrays.fill(others, share / others.length);
        double[] row = Coefficients.onBase(others);
        row[0] = 1 - share;
        return row;
    }
}
