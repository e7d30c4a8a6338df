package dev.weir.operators.choice;

import java.util.Arrays;
import java.util.List;

/**
 * One-level rank aggregation: the score is minus the weighted sum of a candidate's ranks over the tasks, tied candidates
 * sharing the mean of their ranks. It depends on the order within each task alone, not on the scale of its scores.
 *
 * <p>Source: Colombo et al., What are the best systems? New perspectives on NLP Benchmarking (2022), section 3, from memory:
 * Borda's count as an approximation of the {@link Kemeny} median, never farther from the tasks than five times it
 * (Coppersmith, Fleischer and Rudra, Ordering by Weighted Number of Wins Gives a Good Ranking for Weighted Tournaments, 2006).
 * It is the exact median under Spearman's distance: of Σ_t w_t Σ_i (r_i − σ_i(t))², with r a ranking and σ(t) the one of task
 * t, only −2 Σ_i r_i Σ_t w_t σ_i(t) depends on r, and that is least where r orders the candidates as their sums do.
 */
public record RankSum() implements RankingRule {

    static final String TITLE = "What are the best systems? New perspectives on NLP Benchmarking";

    static final RuleSpec SPEC = new RuleSpec(
            "rank-sum",
            "D3",
            TITLE,
            "Colombo et al. 2022, arXiv:2202.03799, section 3",
            "-sum_t r_t",
            List.of(),
            settings -> new RankSum());

    @Override
    public Standings rank(ScoreTable table) {
        return Standings.of(scores(table.complete("rank-sum")));
    }

    static double[] scores(ScoreTable table) {
        return Arrays.stream(Ranks.weigh(table, Ranks.middle(table), rank -> rank))
                .map(sum -> -sum)
                .toArray();
    }
}
