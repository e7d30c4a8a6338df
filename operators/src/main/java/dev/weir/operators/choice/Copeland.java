package dev.weir.operators.choice;

import dev.weir.operators.setting.Setting;
import java.util.List;

/**
 * Copeland's rule: others that a candidate beats by weighted majority, a tie being half a win, or wins less losses. Takes
 * gaps: a pair is compared in the tasks in which both have scores. Source: Rofin et al., Vote'n'Rank (2023), section 3.
 *
 * @param difference wins less losses instead of wins and half of the ties; default false
 */
public record Copeland(boolean difference) implements RankingRule {

    static final RuleSpec SPEC = Rules.vote(
            "copeland",
            "pairs won by majority + pairs tied / 2",
            List.of(Setting.flag("difference", false, "wins less losses, instead of wins and half of the ties")),
            settings -> new Copeland(settings.flag("difference")));

    @Override
    public Standings rank(ScoreTable table) {
        Majority majority = Majority.of(table);
        double[] scores = new double[table.size()];
        for (int i = 0; i < scores.length; i++) {
            for (int j = 0; j < scores.length; j++) {
                if (i != j) {
                    double sign = Math.signum(majority.margin(i, j));
                    scores[i] += difference ? sign : (sign + 1) / 2;
                }
            }
        }
        return Standings.of(scores);
    }
}
