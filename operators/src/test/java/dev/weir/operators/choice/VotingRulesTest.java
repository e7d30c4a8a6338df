package dev.weir.operators.choice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("D2 plurality and the other rules of Vote'n'Rank")
final class VotingRulesTest {

    private static final double GAP = Double.NaN;

    /** Worked out by hand. */
    @ParameterizedTest
    @CsvSource({
        "plurality, 3, 2, 0",
        "borda, 6, 7, 2",
        "dowdall, 3.6666666666666665, 3.5, 2",
        "copeland, 2, 1, 0",
        "minimax, 0, -3, -5",
        "threshold, 0, 1, 0",
        "baldwin, 2, 1, 0",
        "condorcet, 1, 0, 0",
        "mean, 2.2, 2.4, 1.4",
        "optimality-gap, -92.8, -92.6, -93.6",
        "rank-sum, -9, -8, -13",
        "kemeny, -1, -2, -3",
        "condorcet-weights, 1, 1, -1"
    })
    void threeTasksAgainstTwoComeToThis(String rule, double a, double b, double c) {
        double[] scores = Tables.scores(rule, Tables.threeToTwo());
        assertThat(scores).containsExactly(new double[] {a, b, c}, within(1e-12));
    }

    @Test
    void settingsChangeCopelandMinimaxAndTheGap() {
        ScoreTable table = Tables.threeToTwo();
        assertThat(scores("copeland", Map.of("difference", true), table)).containsExactly(2, 0, -2);
        assertThat(scores("minimax", Map.of("margins", true), table)).containsExactly(1, -1, -5);
        assertThat(scores("minimax", Map.of("pairwise", true), table)).containsExactly(-2, -3, -5);
        assertThat(scores("optimality-gap", Map.of("gamma", 2), table)).containsExactly(-0.4, 0, -0.6);
        assertThatThrownBy(() -> Rules.create("minimax", Map.of("margins", true, "pairwise", true)))
                .hasMessageContaining("exclude each other");
        assertThatThrownBy(() -> Rules.create("elo", Map.of()))
                .hasMessageStartingWith("rule elo: unknown; allowed: mean, optimality-gap, plurality, borda,");
    }

    @Test
    void aTieForFirstIsNobodysPlurality() {
        ScoreTable table = Tables.of(new double[] {5, 9}, new double[] {5, 1}, new double[] {0, 2});
        assertThat(Tables.scores("plurality", table)).containsExactly(1, 0, 0);
        assertThat(Tables.scores("dowdall", table)).containsExactly(new double[] {2, 4 / 3.0, 5 / 6.0}, within(1e-15));
        assertThat(Tables.scores("copeland", table)).containsExactly(2, 0.5, 0.5);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 20_261_124})
    void theOneThatIsBestEverywhereWinsEveryRule(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 20; round++) {
            ScoreTable table = Tables.random(random, 2 + random.nextInt(6), 1 + random.nextInt(8));
            int best = random.nextInt(table.size());
            Arrays.fill(table.scores()[best], 1000);
            for (RuleSpec rule : Rules.all()) {
                Standings standings = rule.create(Map.of()).rank(table);
                assertThat(standings.ranks()[best])
                        .as("%s, seed %d, round %d", rule.name(), seed, round)
                        .isEqualTo(1);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 20_261_124})
    void aCondorcetWinnerWinsCopelandAndMinimaxByMargins(long seed) {
        Random random = new Random(seed);
        int found = 0;
        for (int round = 0; round < 200; round++) {
            ScoreTable table = Tables.random(random, 2 + random.nextInt(5), 1 + random.nextInt(7));
            double[] winner = Tables.scores("condorcet", table);
            for (int i = 0; i < winner.length; i++) {
                if (winner[i] == 1) {
                    found++;
                    String printed = "seed " + seed + ", round " + round;
                    assertThat(Tables.ranks("copeland", table)).as(printed).has(only(i));
                    assertThat(new Minimax(Minimax.Opposition.MARGINS)
                                    .rank(table)
                                    .ranks())
                            .as(printed)
                            .has(only(i));
                    assertThat(Tables.ranks("baldwin", table).length).isEqualTo(table.size());
                }
            }
        }
        assertThat(found).as("seed %d", seed).isGreaterThan(20);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void scalingTheWeightsChangesNoRank(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 50; round++) {
            ScoreTable table = Tables.random(random, 5, 6);
            double[] scaled =
                    Arrays.stream(table.weights()).map(weight -> weight * 7.3).toArray();
            ScoreTable other =
                    new ScoreTable(table.candidates(), table.tasks(), table.scores(), scaled, table.groups());
            for (RuleSpec rule : Rules.all()) {
                assertThat(rule.create(Map.of()).rank(other).ranks())
                        .as("%s, seed %d, round %d", rule.name(), seed, round)
                        .isEqualTo(rule.create(Map.of()).rank(table).ranks());
            }
        }
    }

    @Test
    void bordaCountsSumToAConstantWithoutTies() {
        double[] counts = Tables.scores("borda", Tables.threeToTwo());
        assertThat(Arrays.stream(counts).sum()).isEqualTo(5 * (2 + 1 + 0));
    }

    @Test
    void aCopyCanTurnBordaButNoCondorcetWinner() {
        ScoreTable table = Tables.threeToTwo();
        assertThat(Tables.ranks("borda", table)).containsExactly(2, 1, 3);
        // Copies of c, each a little worse, stand between a and b where a is first, and below both elsewhere.
        ScoreTable copies = Tables.of(
                new double[] {3, 3, 3, 1, 1}, new double[] {1, 1, 1, 3, 3}, new double[] {2, 2, 2, 0, 0}, new double[] {
                    1.9, 1.9, 1.9, -1, -1
                });
        assertThat(Tables.ranks("borda", copies)[0]).isEqualTo(1);
        assertThat(Tables.ranks("borda", copies)[1]).isGreaterThan(1);
        assertThat(Tables.scores("condorcet", table)[0]).isEqualTo(1);
        assertThat(Tables.scores("condorcet", copies)[0]).isEqualTo(1);
    }

    @Test
    void gapsAreTakenByPairsFilledByTheMedianOrRefused() {
        ScoreTable table =
                Tables.of(new double[] {1, GAP}, new double[] {3, 5}, new double[] {2, 7}, new double[] {9, 6});
        assertThat(Tables.scores("mean", table)).containsExactly(3.5, 4, 4.5, 7.5);
        assertThat(Tables.scores("copeland", table)).containsExactly(0, 1.5, 2, 2.5);
        assertThatThrownBy(() -> Tables.scores("borda", table))
                .hasMessage("rule borda: candidate a has no score in task t1; allowed: a score in every task, or a rule"
                        + " that takes gaps: copeland, minimax, condorcet, buckets, mean, optimality-gap");
        assertThatThrownBy(() -> Tables.scores("mean", Tables.of(new double[] {GAP})))
                .hasMessage("task t0: has no score; allowed: at least one");
    }

    @Test
    void inTwoStepsManyTasksOfOneKindCountOnce() {
        ScoreTable table = Tables.grouped(
                List.of("x", "x", "x", "y", "z"), new double[] {2, 2, 2, 1, 1}, new double[] {1, 1, 1, 2, 2});
        assertThat(Tables.ranks("borda", table)).containsExactly(1, 2);
        assertThat(new TwoStep(new Borda()).rank(table).ranks()).containsExactly(2, 1);
    }

    @Test
    void weightsThatFavourACandidateMakeItTheCondorcetWinner() {
        ScoreTable table = Tables.threeToTwo();
        Standings standings =
                Rules.create("condorcet-weights", Map.of("candidate", "b")).rank(table);
        double[] weights = standings.ofTasks("weight");
        assertThat(weights).containsExactly(new double[] {0, 0, 0, 0.5, 0.5}, within(1e-9));
        ScoreTable weighted =
                new ScoreTable(table.candidates(), table.tasks(), table.scores(), weights, table.groups());
        assertThat(Tables.scores("condorcet", weighted)).containsExactly(0, 1, 0);
        assertThat(standings.scores()[2]).as("c is below b everywhere").isNegative();
    }

    @Test
    void tablesThatCannotBeAreRefused() {
        assertThatThrownBy(() -> ScoreTable.of(List.of("a", "a"), List.of("t"), new double[2][1]))
                .hasMessage("candidate a: comes twice; allowed: once");
        assertThatThrownBy(() -> ScoreTable.of(List.of("a"), List.of("t", "u"), new double[1][1]))
                .hasMessage("candidate a: 1 scores; allowed: one for each of 2 tasks");
        assertThatThrownBy(() -> Tables.of(new double[] {Double.POSITIVE_INFINITY}))
                .hasMessage("candidate a: score Infinity in task t0; allowed: a finite number, or none");
        assertThatThrownBy(() -> Tables.weighted(new double[] {0}, new double[] {1}))
                .hasMessage("task weights: [0.0]; allowed: one for each of 1 tasks, 0 or more, not all 0");
    }

    private static double[] scores(String rule, Map<String, ?> settings, ScoreTable table) {
        return Arrays.stream(Rules.create(rule, settings).rank(table).scores())
                .map(score -> Math.rint(score * 1e12) / 1e12)
                .toArray();
    }

    private static org.assertj.core.api.Condition<int[]> only(int winner) {
        return new org.assertj.core.api.Condition<>(
                ranks -> ranks[winner] == 1
                        && Arrays.stream(ranks).filter(rank -> rank == 1).count() == 1,
                "only %d first",
                winner);
    }
}
