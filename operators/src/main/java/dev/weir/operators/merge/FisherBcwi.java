package dev.weir.operators.merge;

import dev.weir.operators.Cost;
import dev.weir.operators.Facts;
import dev.weir.operators.Normalisation;
import dev.weir.operators.setting.Setting;
import java.util.List;

/**
 * FisherBCWI: backward-compatible interpolation by importance, ((1 - w) F_old old + w F_new new) / ((1 - w) F_old + w F_new) for each
 * element, each F divided by its mean over the model. Where both are 0 it is plain BCWI.
 *
 * <p>This is the mode of the product of two Gaussian posteriors, N(old, F_old^-1)^(1 - w) N(new, F_new^-1)^w, as Laplace's
 * approximation gives them: its exponent is -(1 - w) F_old (theta - old)^2 / 2 - w F_new (theta - new)^2 / 2, whose derivative is 0
 * at the above. Dividing by the means makes w independent of the scale of either F.
 *
 * <p>Source: Schumann et al., Backward Compatibility During Data Updates by Weight Interpolation (2023), section 3.
 *
 * @param newWeight w, share of the new models, in [0, 1]; default 0.5
 */
record FisherBcwi(double newWeight) implements ElementMerge {

    static final MergeSpec SPEC = new MergeSpec(
            "fisher-bcwi",
            "B9",
            "Backward Compatibility During Data Updates by Weight Interpolation",
            "Schumann et al. 2023, arXiv:2301.10546, section 3",
            List.of(Setting.number("new-weight", 0.5, 0, 1, "weight of the new models")),
            Facts.of(
                            "K1 weighted mean with a denominator of each element",
                            "theta = ((1 - w) F_old old + w F_new new) / ((1 - w) F_old + w F_new), F / mean(F)",
                            "As bcwi, when the diagonal Fisher information of both models is at hand: elements that matter to"
                                    + " the model in service, the first input, stay.")
                    .needing("fisher")
                    .costing(Cost.MODEL),
            MergeSpec.BASE_AND_MODELS,
            settings -> new FisherBcwi(settings.number("new-weight")));

    @Override
    public String side() {
        return "fisher";
    }

    @Override
    public Normalisation normalisation() {
        return Normalisation.MEAN;
    }

    @Override
    public ElementWeights weights(int models) {
        return new ElementWeights(WiseFt.between(models, newWeight), 0);
    }
}
