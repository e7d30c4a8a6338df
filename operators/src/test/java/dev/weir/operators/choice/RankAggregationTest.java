package dev.weir.operators.choice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("D3 borda, rank-sum, two-level-rank-sum and kemeny")
final class RankAggregationTest {

    @Test
    void whereThereIsACondorcetOrderRanksSumToKemenysMedian() {
        ScoreTable table = Tables.of(new double[] {3, 3, 2}, new double[] {2, 2, 3}, new double[] {1, 1, 1});
        assertThat(Tables.ranks("rank-sum", table)).containsExactly(1, 2, 3);
        assertThat(Tables.ranks("kemeny", table)).containsExactly(1, 2, 3);
        // Not always: here a beats both others, and b has the better sum.
        assertThat(Tables.ranks("kemeny", Tables.threeToTwo())).containsExactly(1, 2, 3);
        assertThat(Tables.ranks("rank-sum", Tables.threeToTwo())).containsExactly(2, 1, 3);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 20_261_124})
    void kemenyIsTheBestOfAllOrdersAndRanksSumToAtMostFiveTimesIt(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 50; round++) {
            ScoreTable table = Tables.random(random, 2 + random.nextInt(4), 1 + random.nextInt(6));
            Standings kemeny = new Kemeny().rank(table);
            double least = best(table);
            String printed = "seed " + seed + ", round " + round;
            assertThat(Kemeny.distance(table, kemeny.order())).as(printed).isEqualTo(least, within(1e-9));
            assertThat(kemeny.figure("distance")).as(printed).isEqualTo(least, within(1e-9));
            assertThat(Kemeny.distance(table, new RankSum().rank(table).order()))
                    .as(printed)
                    .isLessThanOrEqualTo(5 * least + 1e-9);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"rank-sum", "two-level-rank-sum", "kemeny", "borda", "copeland", "buckets"})
    void onlyTheOrderWithinATaskCounts(String rule) {
        Random random = new Random(5);
        for (int round = 0; round < 30; round++) {
            ScoreTable table = Tables.random(random, 6, 7);
            double[][] bent = Arrays.stream(table.scores()).map(double[]::clone).toArray(double[][]::new);
            for (int t = 0; t < 7; t++) {
                for (double[] row : bent) {
                    row[t] = Math.exp(row[t] / (t + 1)) - 10 * t;
                }
            }
            ScoreTable other = new ScoreTable(table.candidates(), table.tasks(), bent, table.weights(), table.groups());
            assertThat(Tables.ranks(rule, other)).as("seed 5, round %d", round).isEqualTo(Tables.ranks(rule, table));
        }
    }

    @Test
    void ranksSumToTheMedianUnderSpearmansDistance() {
        Random random = new Random(11);
        for (int round = 0; round < 50; round++) {
            ScoreTable table = Tables.random(random, 4, 5);
            int[] order = new RankSum().rank(table).order();
            double found = spearman(table, order);
            for (int[] other : orders(4)) {
                assertThat(found).as("seed 11, round %d", round).isLessThanOrEqualTo(spearman(table, other) + 1e-9);
            }
        }
    }

    @Test
    void onTwoLevelsATaskOfManyInstancesCountsOnce() {
        ScoreTable table = Tables.grouped(
                List.of("x", "x", "x", "y", "z"), new double[] {2, 2, 2, 1, 1}, new double[] {1, 1, 1, 2, 2});
        assertThat(Tables.ranks("rank-sum", table)).containsExactly(1, 2);
        assertThat(Tables.ranks("two-level-rank-sum", table)).containsExactly(2, 1);
    }

    @Test
    void kemenyRefusesWhatWouldNotEnd() {
        assertThatThrownBy(() -> Tables.ranks("kemeny", Tables.random(new Random(1), 19, 1)))
                .hasMessage("rule kemeny: 19 candidates; allowed: at most 18; rank-sum approximates it for more");
    }

    private static double spearman(ScoreTable table, int[] order) {
        double[][] ranks = Ranks.middle(table);
        double sum = 0;
        for (int place = 0; place < order.length; place++) {
            for (int t = 0; t < table.weights().length; t++) {
                double difference = place + 1 - ranks[order[place]][t];
                sum += table.weights()[t] * difference * difference;
            }
        }
        return sum;
    }

    private static double best(ScoreTable table) {
        return orders(table.size()).stream()
                .mapToDouble(order -> Kemeny.distance(table, order))
                .min()
                .orElseThrow();
    }

    private static List<int[]> orders(int size) {
        if (size == 0) {
            return List.of(new int[0]);
        }
        return orders(size - 1).stream()
                .flatMap(order -> IntStream.rangeClosed(0, order.length).mapToObj(at -> {
                    int[] longer = new int[size];
                    System.arraycopy(order, 0, longer, 0, at);
                    longer[at] = size - 1;
                    System.arraycopy(order, at, longer, at + 1, order.length - at);
                    return longer;
                }))
                .toList();
    }
}
