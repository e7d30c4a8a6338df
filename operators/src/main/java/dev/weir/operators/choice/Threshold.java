package dev.weir.operators.choice;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The threshold rule: of all candidates those stay that are last in the least weight of tasks; of these, those that are
 * last but one in the least, and so on up to the second place. Ranks are those among all candidates, the largest where
 * tied. The score is the number of rounds that a candidate stayed for. Source: Rofin et al., Vote'n'Rank (2023), section
 * 3, after Aleskerov, Chistyakov and Kalyagin, The Threshold Aggregation, Economics Letters 107 (2010).
 */
public record Threshold() implements RankingRule {

    static final RuleSpec SPEC = Rules.vote(
            "threshold",
            "of those left, keep the ones with the fewest last places, then last but one ...",
            List.of(),
            settings -> new Threshold());

    @Override
    public Standings rank(ScoreTable table) {
        double[][] ranks = Ranks.largest(table.complete("threshold"));
        double tie = Standings.TIE * table.totalWeight();
        double[] rounds = new double[table.size()];
        int[] left = IntStream.range(0, table.size()).toArray();
        for (int place = table.size(); place > 1 && left.length > 1; place--) {
            int at = place;
            double[] bad = Ranks.weigh(table, ranks, rank -> rank == at ? 1 : 0);
            double least = Arrays.stream(left).mapToDouble(i -> bad[i]).min().orElseThrow();
            left = Arrays.stream(left).filter(i -> bad[i] <= least + tie).toArray();
            Arrays.stream(left).forEach(i -> rounds[i]++);
        }
        return Standings.of(rounds);
    }
}
