package dev.weir.operators.merge;

import dev.weir.operators.Cost;
import dev.weir.operators.Facts;
import dev.weir.operators.setting.Setting;
import java.util.List;

/**
 * Schedule-free x from a pair of y and z: x = (y - (1 - beta) z) / beta. A checkpoint that was saved in training holds y; its
 * rounding is amplified by 1 / beta.
 *
 * <p>Source: Defazio et al., The Road Less Scheduled (2024), equation 3.
 *
 * @param beta of the optimiser, in [1e-3, 1]; default 0.9
 */
record ScheduleFreeX(double beta) implements LinearMerge {

    static final MergeSpec SPEC = new MergeSpec(
            "schedule-free-x",
            "A9",
            "The Road Less Scheduled",
            "Defazio et al. 2024, arXiv:2405.15682, equation 3",
            List.of(Setting.number("beta", 0.9, 1e-3, 1, "the optimiser's interpolation between z and x")),
            new Facts(
                    "K6 linear combination",
                    "x = (y - (1 - beta) z) / beta",
                    List.of("y", "z"),
                    false,
                    Cost.ELEMENT,
                    "When a checkpoint was saved in training mode: the two inputs are its y and its z, in f32."),
            List.of("y", "z"),
            settings -> new ScheduleFreeX(settings.number("beta")));

    @Override
    public Coefficients coefficients(Models models) {
        if (models.count() != 2) {
            throw new IllegalArgumentException(
                    "operator schedule-free-x: " + models.count() + " models; allowed: 2, y and z");
        }
        return Coefficients.same(models, new double[] {1 / beta, 1 - 1 / beta});
    }
}
