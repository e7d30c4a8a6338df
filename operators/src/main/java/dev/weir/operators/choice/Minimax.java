package dev.weir.operators.choice;

import dev.weir.operators.setting.Setting;
import java.util.List;

/**
 * Minimax, or Simpson's rule: minus the largest opposition of another candidate. Opposition of j to i is, as winning
 * votes, the weight of the tasks in which j scores more, if that is a majority, and 0 otherwise; as margin, that weight
 * less the opposite; as pairwise opposition, that weight alone. Takes gaps, as {@link Copeland}. Source: Rofin et al.,
 * Vote'n'Rank (2023), section 3.
 *
 * @param opposition how it is measured; by default as winning votes
 */
public record Minimax(Opposition opposition) implements RankingRule {

    /** How opposition is measured. */
    public enum Opposition {
        WINNING_VOTES,
        MARGINS,
        PAIRWISE
    }

    static final RuleSpec SPEC = Rules.vote(
            "minimax",
            "-max_j opposition of j",
            List.of(
                    Setting.flag("margins", false, "opposition is the margin, instead of the winning votes"),
                    Setting.flag("pairwise", false, "opposition is the weight against, win or not")),
            settings -> {
                settings.exclusive("margins", "pairwise");
                return new Minimax(
                        settings.flag("margins")
                                ? Opposition.MARGINS
                                : settings.flag("pairwise") ? Opposition.PAIRWISE : Opposition.WINNING_VOTES);
            });

    @Override
    public Standings rank(ScoreTable table) {
        Majority majority = Majority.of(table);
        double[] scores = new double[table.size()];
        for (int i = 0; i < scores.length; i++) {
            double largest = Double.NEGATIVE_INFINITY;
            for (int j = 0; j < scores.length; j++) {
                if (i != j) {
                    largest = Math.max(largest, against(majority, i, j));
                }
            }
            scores[i] = scores.length == 1 ? 0 : -largest;
        }
        return Standings.of(scores);
    }

    private double against(Majority majority, int candidate, int other) {
        double weight = majority.support()[other][candidate];
        return switch (opposition) {
            case WINNING_VOTES -> majority.beats(other, candidate) ? weight : 0;
            case MARGINS -> majority.margin(other, candidate);
            case PAIRWISE -> weight;
        };
    }
}
