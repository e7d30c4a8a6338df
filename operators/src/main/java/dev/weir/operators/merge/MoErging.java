package dev.weir.operators.merge;

import dev.weir.operators.Facts;
import dev.weir.operators.setting.Setting;
import dev.weir.operators.setting.Settings;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The weight arithmetic of MoErging: a merge of the best experts by score, theta = sum w_k theta_k over the top with w_k =
 * 1 / top or exp(s_k) / sum exp(s); the earlier of equals. Which score, and routing by input, token or layer, is the
 * router's, outside.
 *
 * <p>Source: Yadav et al., A Survey on Model MoErging (2024), section 2.
 *
 * @param scores s_k of each expert, in [-1e6, 1e6]; empty, the default: the order given is the order
 * @param top experts that are merged, 1 to 1,000,000; default 1
 * @param softmax whether they count by softmax of their scores rather than alike; default false
 */
record MoErging(List<Double> scores, int top, boolean softmax) implements LinearMerge {

    static final MergeSpec SPEC = new MergeSpec(
            "moerging",
            "B21",
            "A Survey on Model MoErging: Recycling and Routing Among Specialized Experts for Collaborative Learning",
            "Yadav et al. 2024, arXiv:2408.07057, section 2",
            List.of(
                    Setting.numbers("scores", List.of(), -1e6, 1e6, "routing score of each expert"),
                    Setting.integer("top", 1, 1, 1_000_000, "experts that are merged, the best by score"),
                    Setting.flag("softmax", false, "weigh them by softmax of their scores rather than alike")),
            Facts.of(
                            "K6 linear combination",
                            "theta = sum over the top k of w_k theta_k, w = 1 / k or softmax(scores)",
                            "To give out one expert or a merge of a few for a task. weir experts keeps a registry of them with"
                                    + " embeddings, and scores them by a query (docs/experts.md). The survey's routers are"
                                    + " outside: they give the scores.")
                    .needing("scores"),
            MergeSpec.MODELS,
            MoErging::of);

    MoErging {
        scores = List.copyOf(scores);
    }

    private static MoErging of(Settings settings) {
        settings.refuseIdle("softmax", settings.numbers("scores").isEmpty(), "scores");
        return new MoErging(settings.numbers("scores"), (int) settings.integer("top"), settings.flag("softmax"));
    }

    @Override
    public Coefficients coefficients(Models models) {
        int count = models.count();
        if (!scores.isEmpty() && scores.size() != count) {
            throw new IllegalArgumentException("operator moerging: setting scores: " + scores.size() + " scores for "
                    + count + " experts; allowed: one each");
        }
        List<Double> known = scores.isEmpty() ? Collections.nCopies(count, 0.0) : scores;
        List<Integer> best = IntStream.range(0, count)
                .boxed()
                .sorted(Comparator.comparing(known::get, Comparator.reverseOrder()))
                .limit(top)
                .toList();
        double[] row = new double[count];
        double largest = known.get(best.getFirst());
        best.forEach(expert -> row[expert] = softmax ? StrictMath.exp(known.get(expert) - largest) : 1);
        return Coefficients.same(models, Coefficients.normalised(row));
    }
}
