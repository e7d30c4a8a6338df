package dev.weir.operators.merge;

import dev.weir.operators.Facts;
import dev.weir.operators.setting.Setting;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Greedy soup: models in descending order of their scores, the order given among equals; one after the other is tried in
 * the soup, (n soup + theta_k) / (n + 1), and stays if the soup's score improves. Scores of soups come from outside: the
 * result is the next soup to be scored while the scores given do not reach to the last model, and the soup itself when they
 * do.
 *
 * <p>Source: Wortsman et al., Model soups (2022), recipe 1; Ram&eacute; et al., Diverse Weight Averaging for Out-of-Distribution
 * Generalization (2022), accepts equal scores.
 *
 * @param scores score of each model by itself, in [-1e300, 1e300], NaN for one that has none and stays out; empty, the default:
 *     the order given is the order
 * @param soupScores scores of the soups tried so far, in their order, in [-1e300, 1e300], NaN for one that has none and is no
 *     improvement; without scores, the first is that of the first model; empty by default
 * @param acceptTies whether an equal score is an improvement; default false, of diwa-greedy true
 */
record GreedySoup(List<Double> scores, List<Double> soupScores, boolean acceptTies) implements LinearMerge {

    static final MergeSpec SPEC = spec(
            "greedy-soup",
            "B2",
            "Model soups: averaging weights of multiple fine-tuned models improves accuracy without increasing inference time",
            "Wortsman et al. 2022, arXiv:2203.05482, recipe 1; its code accepts what is strictly better",
            false);

    /** Of diverse weight averaging: equal scores are accepted. */
    static final MergeSpec DIWA = spec(
            "diwa-greedy",
            "B4",
            "Diverse Weight Averaging for Out-of-Distribution Generalization",
            "Ramé et al. 2022, arXiv:2205.09739, section 3.4",
            true);

    GreedySoup {
        scores = List.copyOf(scores);
        soupScores = List.copyOf(soupScores);
    }

    private static MergeSpec spec(String name, String id, String title, String reference, boolean acceptTies) {
        return new MergeSpec(
                name,
                id,
                title,
                reference,
                List.of(
                        Setting.numbers("scores", List.of(), -1e300, 1e300, "held-out score of each model by itself"),
                        Setting.numbers(
                                "soup-scores",
                                List.of(),
                                -1e300,
                                1e300,
                                "held-out scores of the soups tried so far; without scores, the first model's before them"),
                        Setting.flag("accept-ties", acceptTies, "whether an equal score is an improvement")),
                Facts.of(
                                "K6 linear combination",
                                "soup <- (n soup + theta_k) / (n + 1) if its score improves, best single model first",
                                "When not every model is good for the soup. Each run gives the next soup to score; with a"
                                        + " score for every one it gives the soup. Scoring is outside. In the order of"
                                        + " arrival, without scores of the models, the result may be another.")
                        .needing("scores"),
                MergeSpec.MODELS,
                settings -> new GreedySoup(
                        settings.numbers("scores"), settings.numbers("soup-scores"), settings.flag("accept-ties")));
    }

    @Override
    public Coefficients coefficients(Models models) {
        int count = models.count();
        if (!scores.isEmpty() && scores.size() != count) {
            throw new IllegalArgumentException(
                    "a soup of " + count + " models: setting scores: " + scores.size() + " scores; allowed: one each");
        }
        List<Integer> order = order(count);
        int trials = scores.isEmpty() ? count : order.size() - 1;
        if (soupScores.size() > trials) {
            throw new IllegalArgumentException("a soup of " + count + " models: setting soup-scores: "
                    + soupScores.size() + " scores; allowed: " + trials + " at most");
        }
        List<Integer> soup = new ArrayList<>(List.of(order.getFirst()));
        List<Double> given = new ArrayList<>(soupScores);
        double best = scores.isEmpty()
                ? given.isEmpty() ? Double.NEGATIVE_INFINITY : given.removeFirst()
                : scores.get(order.getFirst());
        boolean open = scores.isEmpty() && soupScores.isEmpty() && count > 1;
        for (int i = 1; i < order.size() && !open; i++) {
            soup.add(order.get(i));
            if (given.isEmpty()) {
                open = true;
            } else {
                double score = given.removeFirst();
                if (score > best || (acceptTies && score == best)) {
                    best = score;
                } else {
                    soup.removeLast();
                }
            }
        }
        double[] row = new double[count];
        soup.forEach(model -> row[model] = 1.0 / soup.size());
        return Coefficients.same(models, row)
                .counting("models-in-soup", soup.size())
                .counting("to-be-scored", open ? 1 : 0);
    }

    /** The models to be tried; the first one where none has a score. */
    private List<Integer> order(int count) {
        List<Integer> order = new ArrayList<>(IntStream.range(0, count).boxed().toList());
        if (!scores.isEmpty()) {
            order.removeIf(model -> scores.get(model).isNaN());
            order.sort(Comparator.comparing(scores::get, Comparator.reverseOrder()));
        }
        return order.isEmpty() ? List.of(0) : order;
    }
}
