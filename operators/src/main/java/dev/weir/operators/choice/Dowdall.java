package dev.weir.operators.choice;

import java.util.List;

/**
 * Dowdall's count, Σ w / rank, where tied candidates have the smallest of their ranks. Source: Rofin et al., Vote'n'Rank
 * (2023), section 3.
 */
public record Dowdall() implements RankingRule {

    static final RuleSpec SPEC = Rules.vote("dowdall", "sum_t w_t / r_t", List.of(), settings -> new Dowdall());

    @Override
    public Standings rank(ScoreTable table) {
        return Standings.of(Ranks.weigh(table, Ranks.smallest(table.complete("dowdall")), rank -> 1 / rank));
    }
}
