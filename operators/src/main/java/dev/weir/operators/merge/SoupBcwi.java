package dev.weir.operators.merge;

import dev.weir.operators.Facts;
import dev.weir.operators.setting.Setting;
import java.util.List;

/**
 * SoupBCWI: backward-compatible weight interpolation toward the mean of several new models, old + w (mean(new_k) - old).
 *
 * <p>Source: Schumann et al., Backward Compatibility During Data Updates by Weight Interpolation (2023), section 3. That the soup
 * is uniform follows from its name and from the single model being the plain case.
 *
 * @param newWeight w, share of the new models, in [0, 1]; default 0.5
 */
record SoupBcwi(double newWeight) implements LinearMerge {

    static final MergeSpec SPEC = new MergeSpec(
            "soup-bcwi",
            "B9",
            "Backward Compatibility During Data Updates by Weight Interpolation",
            "Schumann et al. 2023, arXiv:2301.10546, section 3",
            List.of(Setting.number("new-weight", 0.5, 0, 1, "weight of the new models' mean")),
            Facts.of(
                    "K6 linear combination",
                    "theta = old + w (mean(new_k) - old)",
                    "As bcwi, with several new models from other seeds: fewer flips at the same accuracy. The first input is"
                            + " the model in service."),
            MergeSpec.BASE_AND_MODELS,
            settings -> new SoupBcwi(settings.number("new-weight")));

    @Override
    public Coefficients coefficients(Models models) {
        return Coefficients.same(models, WiseFt.between(models.count(), newWeight));
    }
}
