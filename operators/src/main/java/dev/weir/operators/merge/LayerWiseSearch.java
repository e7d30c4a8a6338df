package dev.weir.operators.merge;

import dev.weir.operators.Facts;
import dev.weir.operators.SearchSpec;
import dev.weir.operators.setting.Setting;
import java.util.ArrayList;
import java.util.List;

/**
 * Layer-wise averaging without barriers: for each layer, the error with that layer at lambda, less the line between the
 * errors with it at 0 and at 1; layers whose barrier E_l(lambda) - (1 - lambda) E_l(0) - lambda E_l(1) does not exceed a
 * limit are averaged, theta_l = (1 - lambda) A_l + lambda B_l, the others stay those of the first model. An error is a
 * score of which the lowest is the best, or the negative of one of which the highest is.
 *
 * <p>Source: Adilova et al., Layer-wise Linear Mode Connectivity (2024), definitions 1 and 2, with A as the default.
 *
 * @param score name of the scores; default score
 * @param highest whether the highest score is the best; default true
 * @param lambda share of the second model in a layer that is averaged, in [1e-6, 1 - 1e-6]; default 0.5
 * @param barrier largest barrier of a layer that is averaged, in [0, 1e12]; default 0
 */
record LayerWiseSearch(String score, boolean highest, double lambda, double barrier) implements Search {

    static final SearchSpec SPEC = new SearchSpec(
            "layer-wise-search",
            "B18",
            "Layer-wise Linear Mode Connectivity",
            "Adilova et al. 2024, arXiv:2307.06966, definitions 1 and 2",
            SearchSettings.of(
                    "highest",
                    Setting.number(
                            "lambda", 0.5, 1e-6, 1 - 1e-6, "share of the second model in a layer that is averaged"),
                    Setting.number("barrier", 0, 0, 1e12, "largest barrier of a layer that is averaged")),
            Facts.of(
                            "K6 linear combination",
                            "theta_l = (1 - lambda) A_l + lambda B_l where error(lambda) - (1 - lambda) error(0) - lambda error(1)"
                                    + " <= barrier, else A_l",
                            "A channel holds two checkpoints and emits as versions of CHANNEL@candidates the first one, and for"
                                    + " each layer the first one with that layer averaged and with that layer the second's. With"
                                    + " the model in service first and its successor second, it is a compatible interpolation"
                                    + " of each layer's own. Offline: layer-wise.")
                    .needing("scores"),
            settings -> new LayerWiseSearch(
                    SearchSettings.score(settings),
                    SearchSettings.highest(settings),
                    settings.number("lambda"),
                    settings.number("barrier")));

    @Override
    public int models() {
        return 2;
    }

    @Override
    public Next next(Models given, List<Double> scores) {
        Layers layers = new Layers(given.tensors());
        if (scores.isEmpty()) {
            List<Coefficients> candidates = new ArrayList<>();
            candidates.add(shares(given, layers, new double[layers.count()]));
            for (int layer = 0; layer < layers.count(); layer++) {
                candidates.add(shares(given, layers, only(layers, layer, lambda)));
                candidates.add(shares(given, layers, only(layers, layer, 1)));
            }
            return new Next.Candidates(candidates);
        }
        // A barrier that wants a score is NaN, and exceeds every limit.
        List<Double> errors = SearchSettings.rising(scores, !highest);
        double[] chosen = new double[layers.count()];
        int averaged = 0;
        for (int layer = 0; layer < chosen.length; layer++) {
            double line = (1 - lambda) * errors.get(0) + lambda * errors.get(2 + 2 * layer);
            if (errors.get(1 + 2 * layer) - line <= barrier) {
                chosen[layer] = lambda;
                averaged++;
            }
        }
        return new Next.Chosen(
                shares(given, layers, chosen),
                averaged + " of " + chosen.length + " layers have no barrier" + SearchSettings.without(scores));
    }

    private static double[] only(Layers layers, int layer, double share) {
        double[] shares = new double[layers.count()];
        shares[layer] = share;
        return shares;
    }

    private static Coefficients shares(Models given, Layers layers, double[] shares) {
        return Coefficients.byTensor(given, tensor -> Coefficients.onBase(shares[layers.of(tensor)]));
    }
}
