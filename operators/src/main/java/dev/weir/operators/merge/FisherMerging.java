package dev.weir.operators.merge;

import dev.weir.operators.Facts;
import dev.weir.operators.setting.Setting;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * Fisher merging: the mean of the models, each element weighed by its diagonal Fisher information, theta = sum l_k F_k theta_k /
 * sum l_k F_k. The floor holds for every model alike, after the normalisation; where all F are 0 without a floor, the models
 * count by their l_k alone.
 *
 * <p>Source: Matena and Raffel, Merging Models with Fisher-Weighted Averaging (2022), equation 5.
 *
 * @param lambdas l_k, one for each model; empty: all 1
 * @param floor smallest F after the normalisation, 0 or more
 * @param normalisation of each F over its model
 */
record FisherMerging(List<Double> lambdas, double floor, Normalisation normalisation) implements ElementMerge {

    static final MergeSpec SPEC = new MergeSpec(
            "fisher",
            "B10",
            "Merging Models with Fisher-Weighted Averaging",
            "Matena, Raffel 2022, arXiv:2111.09832, equation 5",
            List.of(
                    Setting.numbers("lambdas", List.of(), 0, 1e12, "weight of each model; all 1 when left out"),
                    Setting.number("floor", 1e-6, 0, 1e300, "smallest normalised importance of an element"),
                    Setting.choice("normalise", List.of("norm", "mean", "none"), "scale of each model's importances")),
            Facts.of(
                            "K1 weighted mean with a denominator of each element",
                            "theta = sum l_k F_k theta_k / sum l_k F_k",
                            "For models of different tasks from one base. The Fisher information is computed by whoever has"
                                    + " the data: the mean over examples of sum_y p(y) (d log p(y) / d theta)^2.")
                    .needing("fisher"),
            MergeSpec.MODELS,
            settings -> new FisherMerging(
                    settings.numbers("lambdas"),
                    settings.number("floor"),
                    Normalisation.valueOf(settings.text("normalise").toUpperCase(Locale.ROOT))));

    FisherMerging {
        lambdas = List.copyOf(lambdas);
    }

    @Override
    public String side() {
        return "fisher";
    }

    @Override
    public ElementWeights weights(int models) {
        List<Double> factors = lambdas.isEmpty() ? Collections.nCopies(models, 1.0) : lambdas;
        double[] shares = Weights.shares("fisher", "lambdas", factors, models);
        return ElementWeights.mean(factors, floor, shares);
    }
}
