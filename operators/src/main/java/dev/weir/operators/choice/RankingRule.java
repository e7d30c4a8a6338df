package dev.weir.operators.choice;

/** A way to rank candidates by their scores in tasks; see {@link Rules}. Deterministic: the table's order breaks no ties. */
public sealed interface RankingRule
        permits Baldwin,
                Borda,
                Buckets,
                Condorcet,
                CondorcetWeights,
                Copeland,
                Dowdall,
                Kemeny,
                MeanScore,
                Minimax,
                NashAveraging,
                OptimalityGap,
                Plurality,
                RankSum,
                Threshold,
                TwoLevelRankSum,
                TwoStep {

    /**
     * Ranks the candidates.
     *
     * @throws IllegalArgumentException if the table is none that the rule can rank; the message says why
     */
    Standings rank(ScoreTable table);
}
