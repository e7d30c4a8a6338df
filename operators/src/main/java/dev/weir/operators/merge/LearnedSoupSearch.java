package dev.weir.operators.merge;

import dev.weir.operators.Facts;
import dev.weir.operators.SearchSpec;
import java.util.Arrays;
import java.util.List;

/**
 * Learned soup without gradients: for each layer a softmax over the models of logits that are evolved by scores, theta_l =
 * sum a_lk theta_k with a_l = softmax(logits_l). The paper learns them by gradients on held-out data, which an evaluator
 * does not have.
 *
 * <p>Source: Wortsman et al., Model soups (2022), appendix I, for the form.
 *
 * @param models how many, 2 to 1,000; default 4
 * @param score name of the scores; default score
 * @param highest whether the highest score is the best; default true
 * @param evolution how the logits are evolved; spread 1 by default
 */
record LearnedSoupSearch(int models, String score, boolean highest, Evolution evolution) implements Search {

    static final SearchSpec SPEC = new SearchSpec(
            "learned-soup-search",
            "B3",
            "Model soups: averaging weights of multiple fine-tuned models improves accuracy without increasing inference time",
            "Wortsman et al. 2022, arXiv:2203.05482, appendix I, for the form of the coefficients",
            EvolutionSettings.of(4, "highest", 1),
            Facts.of(
                            "K6 linear combination",
                            "theta_l = sum a_lk theta_k, a_l = softmax(logits_l), logits evolved",
                            "A channel holds so many checkpoints and emits each generation's soups as versions of"
                                    + " CHANNEL@candidates; the first is the uniform one. The best of all is the next version"
                                    + " of the channel. Layers are tensors whose names differ behind the last dot only. With"
                                    + " gradients, learn the logits outside. Offline: learned-soup.")
                    .needing("scores"),
            settings -> new LearnedSoupSearch(
                    (int) settings.integer("models"),
                    SearchSettings.score(settings),
                    SearchSettings.highest(settings),
                    EvolutionSettings.evolution(settings)));

    @Override
    public Next next(Models given, List<Double> scores) {
        Layers layers = new Layers(given.tensors());
        int dimensions = layers.count() * models;
        List<Double> rising = SearchSettings.rising(scores, highest);
        List<double[]> vectors = evolution.next(dimensions, rising);
        if (vectors.isEmpty()) {
            Coefficients best = coefficients(given, layers, evolution.best(dimensions, rising));
            return new Next.Chosen(best, "the best of " + scores.size() + " soups" + SearchSettings.without(scores));
        }
        return new Next.Candidates(vectors.stream()
                .map(vector -> coefficients(given, layers, vector))
                .toList());
    }

    private Coefficients coefficients(Models given, Layers layers, double[] logits) {
        return Coefficients.byTensor(given, tensor -> {
            int from = layers.of(tensor) * models;
            return LearnedSoup.softmax(Arrays.copyOfRange(logits, from, from + models), 1);
        });
    }
}
