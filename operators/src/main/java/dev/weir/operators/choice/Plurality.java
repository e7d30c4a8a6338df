package dev.weir.operators.choice;

import java.util.List;

/**
 * Plurality: the weight of the tasks in which a candidate alone is best, Σ w·1[rank ≤ 1], where tied candidates have the
 * largest of their ranks. Source: Rofin et al., Vote'n'Rank (2023), section 3.
 */
public record Plurality() implements RankingRule {

    static final RuleSpec SPEC =
            Rules.vote("plurality", "sum_t w_t [best in t]", List.of(), settings -> new Plurality());

    @Override
    public Standings rank(ScoreTable table) {
        double[][] ranks = Ranks.largest(table.complete("plurality"));
        return Standings.of(Ranks.weigh(table, ranks, rank -> rank <= 1 ? 1 : 0));
    }
}
