package dev.weir.operators.merge;

import dev.weir.operators.Facts;
import dev.weir.operators.SearchSpec;
import dev.weir.operators.setting.Setting;
import java.util.List;

/**
 * Greedy soup while it is scored: every model by itself, then one soup after the other, soup &lt;- (n soup + theta_k) / (n
 * + 1) if its score improves, as {@link GreedySoup} has them.
 *
 * <p>Source: Wortsman et al., Model soups (2022), recipe 1; Ram&eacute; et al., Diverse Weight Averaging for Out-of-Distribution
 * Generalization (2022), takes one checkpoint of each run and accepts equal scores.
 *
 * @param models how many, 2 to 1,000; default 8
 * @param score name of the scores; default score
 * @param highest whether the highest score is the best; default true
 * @param acceptTies whether an equal score is an improvement; default false, of diwa-search true
 * @param oncePerRun whether only the first checkpoint of each run is one of the models; by default that of the operator: of
 *     diwa-search true
 */
record GreedySoupSearch(int models, String score, boolean highest, boolean acceptTies, boolean oncePerRun)
        implements Search {

    static final SearchSpec SPEC = spec(
            "greedy-soup-search",
            "B2",
            "Model soups: averaging weights of multiple fine-tuned models improves accuracy without increasing inference time",
            "Wortsman et al. 2022, arXiv:2203.05482, recipe 1; its code accepts what is strictly better",
            false);

    /** Of diverse weight averaging. */
    static final SearchSpec DIWA = spec(
            "diwa-search",
            "B4",
            "Diverse Weight Averaging for Out-of-Distribution Generalization",
            "Ramé et al. 2022, arXiv:2205.09739, section 3.4",
            true);

    private static SearchSpec spec(String name, String id, String title, String reference, boolean diwa) {
        return new SearchSpec(
                name,
                id,
                title,
                reference,
                SearchSettings.withModels(
                        8, "highest", Setting.flag("accept-ties", diwa, "whether an equal score is an improvement")),
                Facts.of(
                                "K6 linear combination",
                                "soup <- (n soup + theta_k) / (n + 1) if its score improves, best single model first",
                                "A channel holds so many checkpoints"
                                        + (diwa ? ", the first of each run" : "")
                                        + " and emits them, then one soup after the other, as versions of"
                                        + " CHANNEL@candidates. Evaluators score each; the soup is the next version of the"
                                        + " channel, and then the next checkpoints are taken. Offline: "
                                        + (diwa ? "diwa-greedy." : "greedy-soup."))
                        .needing("scores"),
                settings -> new GreedySoupSearch(
                        (int) settings.integer("models"),
                        SearchSettings.score(settings),
                        SearchSettings.highest(settings),
                        settings.flag("accept-ties"),
                        diwa));
    }

    @Override
    public Next next(Models given, List<Double> scores) {
        if (scores.isEmpty()) {
            return new Next.Candidates(SearchSettings.singles(given));
        }
        // A model without a score is not tried, a soup without one is no improvement.
        List<Double> rising = SearchSettings.rising(scores, highest);
        Coefficients soup = new GreedySoup(rising.subList(0, models), rising.subList(models, rising.size()), acceptTies)
                .coefficients(given);
        if (soup.counts().getOrDefault("to-be-scored", 0L).longValue() == 1) {
            return new Next.Candidates(List.of(soup));
        }
        return new Next.Chosen(
                soup,
                soup.counts().get("models-in-soup") + " of " + models + " models" + SearchSettings.without(scores));
    }
}
