package dev.weir.operators.choice;

import dev.weir.operators.setting.Setting;
import dev.weir.operators.solve.MatrixGame;
import java.util.List;
import java.util.Map;

/**
 * How far task weights can be chosen in favour of a candidate: its score is the largest m for which some weights, summing
 * to 1, let it beat every other by a margin of at least m. Above 0 it can be made the Condorcet winner. The table's own
 * weights are not used.
 *
 * <p>Source: Rofin et al., Vote'n'Rank (2023), section 3, the linear program over task weights. Written as a game: tasks are
 * the rows, the other candidates j the columns, the payoff is 1, 0 or −1 as the candidate scores more than, as much as or less
 * than j; m is the value, and the weights are the optimal strategy of the tasks that has the most entropy.
 *
 * @param candidate whose weights are shown; empty, the default: none
 */
public record CondorcetWeights(String candidate) implements RankingRule {

    static final RuleSpec SPEC = Rules.vote(
            "condorcet-weights",
            "weights w >= 0 with sum_t w_t = 1 under which it beats every other by majority, by a linear program",
            List.of(Setting.text("candidate", "show the task weights that favour it most")),
            settings -> new CondorcetWeights(settings.text("candidate")));

    @Override
    public Standings rank(ScoreTable table) {
        table.complete("condorcet-weights");
        int shown = table.candidates().indexOf(candidate);
        if (table.size() < 2 || (shown < 0 && !candidate.isEmpty())) {
            throw new IllegalArgumentException("rule condorcet-weights: candidate " + candidate + " of "
                    + table.candidates() + "; allowed: one of at least two candidates");
        }
        double[] scores = new double[table.size()];
        for (int i = 0; i < scores.length; i++) {
            double value = MatrixGame.value(payoff(table, i));
            scores[i] = Math.abs(value) < Standings.TIE ? 0 : value;
        }
        if (shown < 0) {
            return Standings.of(scores);
        }
        double[] weights = MatrixGame.rowStrategy(payoff(table, shown), scores[shown]);
        return Standings.of(scores, Map.of(), Map.of("weight", weights), Map.of());
    }

    private static double[][] payoff(ScoreTable table, int candidate) {
        double[][] payoff = new double[table.tasks().size()][table.size() - 1];
        for (int t = 0; t < payoff.length; t++) {
            for (int j = 0, column = 0; j < table.size(); j++) {
                if (j != candidate) {
                    payoff[t][column++] = Math.signum(table.scores()[candidate][t] - table.scores()[j][t]);
                }
            }
        }
        return payoff;
    }
}
