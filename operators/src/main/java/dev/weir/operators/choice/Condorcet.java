package dev.weir.operators.choice;

import java.util.List;

/**
 * The Condorcet winner: 1 for the candidate that beats every other by weighted majority, 0 for the rest and for all where
 * there is none. Takes gaps, as {@link Copeland}. Source: Rofin et al., Vote'n'Rank (2023), section 3.
 */
public record Condorcet() implements RankingRule {

    static final RuleSpec SPEC =
            Rules.vote("condorcet", "[beats every other by majority]", List.of(), settings -> new Condorcet());

    @Override
    public Standings rank(ScoreTable table) {
        Majority majority = Majority.of(table);
        double[] scores = new double[table.size()];
        for (int i = 0; i < scores.length; i++) {
            boolean beatsAll = true;
            for (int j = 0; j < scores.length; j++) {
                beatsAll &= i == j || majority.beats(i, j);
            }
            scores[i] = beatsAll ? 1 : 0;
        }
        return Standings.of(scores);
    }
}
