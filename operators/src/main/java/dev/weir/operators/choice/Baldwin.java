package dev.weir.operators.choice;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Baldwin's rule: the candidates with the lowest Borda count among those that are left go, until all that are left have the
 * same. The score is the number of rounds that a candidate stayed for. Source: Rofin et al., Vote'n'Rank (2023), section
 * 3.
 */
public record Baldwin() implements RankingRule {

    static final RuleSpec SPEC =
            Rules.vote("baldwin", "drop the least Borda count, count again", List.of(), settings -> new Baldwin());

    @Override
    public Standings rank(ScoreTable table) {
        double tie = Standings.TIE * table.totalWeight() * table.size();
        double[] rounds = new double[table.size()];
        int[] left = IntStream.range(0, table.complete("baldwin").size()).toArray();
        while (true) {
            double[] counts = Borda.counts(table.rows(left));
            double least = Arrays.stream(counts).min().orElseThrow();
            int[] candidates = left;
            left = IntStream.range(0, candidates.length)
                    .filter(i -> counts[i] > least + tie)
                    .map(i -> candidates[i])
                    .toArray();
            if (left.length == 0) {
                return Standings.of(rounds);
            }
            Arrays.stream(left).forEach(i -> rounds[i]++);
        }
    }
}
