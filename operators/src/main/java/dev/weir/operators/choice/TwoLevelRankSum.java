package dev.weir.operators.choice;

import java.util.List;

/**
 * Two-level rank aggregation: the columns are instances, their groups the tasks; candidates are ranked by {@link RankSum}
 * over the instances of each task, then over the tasks, each of weight 1. A task of many instances counts no more than one of
 * few. Source: Colombo et al., What are the best systems? (2022), section 3, from memory.
 */
public record TwoLevelRankSum() implements RankingRule {

    static final RuleSpec SPEC = new RuleSpec(
            "two-level-rank-sum",
            "D3",
            RankSum.TITLE,
            "Colombo et al. 2022, arXiv:2202.03799, section 3",
            "-sum over groups of the rank in the group by rank sum",
            List.of(),
            settings -> new TwoLevelRankSum());

    @Override
    public Standings rank(ScoreTable table) {
        return new TwoStep(new RankSum()).rank(table.complete("two-level-rank-sum"));
    }
}
