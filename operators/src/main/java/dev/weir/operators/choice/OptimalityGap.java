package dev.weir.operators.choice;

import dev.weir.operators.setting.Setting;
import java.util.Arrays;
import java.util.List;

/**
 * The optimality gap: the weighted mean of min(score, γ) − γ; 0 is the best that there is. A missing score counts as the
 * median of its task. Source: Rofin et al., Vote'n'Rank (2023), section 3.
 *
 * @param gamma the score beyond which nothing is gained, in units of the scores, any finite number; default 95
 */
public record OptimalityGap(double gamma) implements RankingRule {

    static final RuleSpec SPEC = Rules.vote(
            "optimality-gap",
            "sum_t w_t (min(s_t, gamma) - gamma)",
            List.of(Setting.number(
                    "gamma", 95, -Double.MAX_VALUE, Double.MAX_VALUE, "score beyond which nothing is gained")),
            settings -> new OptimalityGap(settings.number("gamma")));

    @Override
    public Standings rank(ScoreTable table) {
        ScoreTable filled = MeanScore.filled(table);
        double[] gaps = Ranks.weigh(filled, filled.scores(), score -> Math.min(score, gamma) - gamma);
        return Standings.of(
                Arrays.stream(gaps).map(sum -> sum / table.totalWeight()).toArray());
    }
}
