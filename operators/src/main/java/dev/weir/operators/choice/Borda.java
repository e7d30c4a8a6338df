package dev.weir.operators.choice;

import java.util.List;

/**
 * Borda's count, Σ w (M − rank) for M candidates, where tied candidates have the largest of their ranks: the weighted
 * number of others that a candidate is better than. A copy of a candidate can change who is first. Source: Rofin et al.,
 * Vote'n'Rank (2023), section 3.
 */
public record Borda() implements RankingRule {

    static final RuleSpec SPEC = Rules.vote("borda", "sum_t w_t (M - r_t)", List.of(), settings -> new Borda());

    @Override
    public Standings rank(ScoreTable table) {
        return Standings.of(counts(table.complete("borda")));
    }

    static double[] counts(ScoreTable table) {
        return Ranks.weigh(table, Ranks.largest(table), rank -> table.size() - rank);
    }
}
