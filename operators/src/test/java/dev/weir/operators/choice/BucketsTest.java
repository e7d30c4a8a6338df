package dev.weir.operators.choice;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("D5 buckets")
final class BucketsTest {

    @Test
    void aMarginOfZeroRanksInFull() {
        assertThat(new Buckets(0).rank(Tables.threeToTwo()).ranks()).containsExactly(1, 2, 3);
        // A cycle: a over b, b over c, c over a, each by one; a has the best sum.
        ScoreTable cycle =
                Tables.of(new double[] {3, 3, 1, 3, 1}, new double[] {2, 2, 3, 1, 3}, new double[] {1, 1, 2, 2, 2});
        assertThat(new Buckets(0.01)
                        .rank(Tables.of(new double[] {3, 1, 2}, new double[] {2, 3, 1}, new double[] {1, 2, 3}))
                        .ranks())
                .containsExactly(1, 1, 1);
        assertThat(new Buckets(0).rank(cycle).ranks()).doesNotHaveDuplicates();
    }

    @Test
    void aMarginThatNobodyReachesTiesAll() {
        assertThat(new Buckets(0.2).rank(Tables.threeToTwo()).ranks()).containsExactly(1, 2, 3);
        // b is clearly better than c, but neither is told from a.
        assertThat(new Buckets(0.21).rank(Tables.threeToTwo()).ranks()).containsExactly(1, 1, 1);
        ScoreTable lastIsClear =
                Tables.of(new double[] {3, 3, 3, 2, 2}, new double[] {2, 2, 2, 3, 3}, new double[] {1, 1, 1, 1, 1});
        assertThat(new Buckets(0.21).rank(lastIsClear).ranks()).containsExactly(1, 1, 3);
        assertThat(new Buckets(0.21).rank(lastIsClear).scores()).containsExactly(-1, -1, -2);
        assertThat(new Buckets(1)
                        .rank(Tables.of(new double[] {1, 2}, new double[] {2, 1}))
                        .ranks())
                .containsExactly(1, 1);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 20_261_124})
    void earlierBucketsBeatLaterOnesByTheMarginAndNoFinerOrderDoes(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            ScoreTable table = Tables.random(random, 2 + random.nextInt(6), 1 + random.nextInt(12));
            double margin = 0.05 + 0.6 * random.nextDouble();
            int[] ranks = new Buckets(margin).rank(table).ranks();
            Majority majority = Majority.of(table);
            for (int i = 0; i < ranks.length; i++) {
                for (int j = 0; j < ranks.length; j++) {
                    if (ranks[i] < ranks[j]) {
                        assertThat(majority.margin(i, j) / majority.total())
                                .as("seed %d, round %d", seed, round)
                                .isGreaterThanOrEqualTo(margin - 1e-9);
                    }
                }
            }
            assertNoBucketSplits(ranks, majority, margin, "seed " + seed + ", round " + round);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 20_261_124})
    void flippedVotesBelowWhatIsToleratedChangeNoBucket(long seed) {
        Random random = new Random(seed);
        int flippedVotes = 0;
        for (int round = 0; round < 300; round++) {
            ScoreTable table = Tables.random(random, 2 + random.nextInt(5), 20);
            double margin = 0.05 + 0.4 * random.nextDouble();
            Standings before = new Buckets(margin).rank(table);
            double tolerated = before.figure("flips-tolerated") * table.totalWeight();
            double spent = 0;
            for (int t = 0; t < 20; t++) {
                if (spent + table.weights()[t] < tolerated) {
                    spent += table.weights()[t];
                    flippedVotes++;
                    for (double[] row : table.scores()) {
                        row[t] = -row[t];
                    }
                }
            }
            assertThat(new Buckets(margin).rank(table).ranks())
                    .as("seed %d, round %d", seed, round)
                    .isEqualTo(before.ranks());
        }
        assertThat(flippedVotes).as("seed %d", seed).isGreaterThan(20);
    }

    /** No way to cut a bucket in two leaves the first part with the margin over all of the second. */
    private static void assertNoBucketSplits(int[] ranks, Majority majority, double margin, String printed) {
        for (int cut = 1; cut < 1 << ranks.length; cut++) {
            boolean splits = true;
            int inside = 0;
            int outside = 0;
            int bucket = ranks[Integer.numberOfTrailingZeros(cut)];
            for (int i = 0; i < ranks.length; i++) {
                boolean first = (cut >> i & 1) == 1;
                if (first && ranks[i] != bucket) {
                    splits = false;
                }
                inside += first ? 1 : 0;
                outside += !first && ranks[i] == bucket ? 1 : 0;
                for (int j = 0; j < ranks.length; j++) {
                    if (first && (cut >> j & 1) == 0 && ranks[j] == bucket) {
                        splits &= majority.margin(i, j) / majority.total() >= margin;
                    }
                }
            }
            assertThat(splits && inside > 0 && outside > 0).as(printed).isFalse();
        }
    }
}
