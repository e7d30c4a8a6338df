package dev.weir.operators.choice;

import java.util.Arrays;
import java.util.List;

/**
 * The weighted mean of the scores. A missing score counts as the median of its task. Source: Rofin et al., Vote'n'Rank
 * (2023), section 3, as the baseline.
 */
public record MeanScore() implements RankingRule {

    static final RuleSpec SPEC =
            Rules.vote("mean", "sum_t w_t s_t / sum_t w_t", List.of(), settings -> new MeanScore());

    @Override
    public Standings rank(ScoreTable table) {
        return Standings.of(means(filled(table)));
    }

    static double[] means(ScoreTable table) {
        return Arrays.stream(Ranks.weigh(table, table.scores(), score -> score))
                .map(sum -> sum / table.totalWeight())
                .toArray();
    }

    /** The table with the median of the task for every missing score. */
    static ScoreTable filled(ScoreTable table) {
        double[][] scores = Arrays.stream(table.scores()).map(double[]::clone).toArray(double[][]::new);
        for (int t = 0; t < table.tasks().size(); t++) {
            double[] there = Arrays.stream(table.task(t))
                    .filter(score -> !Double.isNaN(score))
                    .sorted()
                    .toArray();
            if (there.length == 0) {
                throw new IllegalArgumentException(
                        "task " + table.tasks().get(t) + ": has no score; allowed: at least one");
            }
            double median = (there[(there.length - 1) / 2] + there[there.length / 2]) / 2;
            for (double[] row : scores) {
                row[t] = Double.isNaN(row[t]) ? median : row[t];
            }
        }
        return new ScoreTable(table.candidates(), table.tasks(), scores, table.weights(), table.groups());
    }
}
