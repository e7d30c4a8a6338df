package dev.weir.operators.choice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("D1 nash")
final class NashAveragingTest {

    private static final Offset<Double> NINE_DIGITS = within(1e-9);

    @Test
    void rockPaperScissorsIsUniformWithRatingsOfZero() {
        double[][] game = {{0, -1, 1}, {1, 0, -1}, {-1, 1, 0}};
        Standings standings = NashAveraging.ofAdvantages(game);
        assertThat(standings.ofCandidates("probability"))
                .containsExactly(new double[] {1 / 3.0, 1 / 3.0, 1 / 3.0}, NINE_DIGITS);
        assertThat(standings.scores()).containsExactly(new double[] {0, 0, 0}, NINE_DIGITS);
        assertThat(standings.ranks()).containsExactly(1, 1, 1);
    }

    @Test
    void aCopyMovesRatingsWhereTheEquilibriumIsNotUnique() {
        double[][] tied = {{0, 0, 1}, {0, 0, 3}, {-1, -3, 0}};
        assertThat(NashAveraging.ofAdvantages(tied).scores()[2]).isCloseTo(-2, NINE_DIGITS);
        double[][] copied = {{0, 0, 0, 1}, {0, 0, 0, 1}, {0, 0, 0, 3}, {-1, -1, -3, 0}};
        assertThat(NashAveraging.ofAdvantages(copied).scores()[3]).isCloseTo(-5 / 3.0, NINE_DIGITS);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 20_261_124})
    void aCopyOfATaskOrCandidateChangesNoOtherRatingWhereTheEquilibriumIsUnique(long seed) {
        Random random = new Random(seed);
        int found = 0;
        for (int round = 0; round < 40; round++) {
            double[][] scores = new double[2 + random.nextInt(6)][2 + random.nextInt(7)];
            for (double[] row : scores) {
                Arrays.setAll(row, t -> random.nextGaussian());
            }
            String printed = "seed " + seed + ", round " + round;
            Standings standings = new NashAveraging().rank(Tables.of(scores));
            double[] ratings = standings.scores();
            if (!unique(scores, standings)) {
                continue;
            }
            found++;
            double[][] more = Arrays.copyOf(scores, scores.length + 1);
            more[scores.length] = scores[0].clone();
            double[] withCopy = Tables.scores("nash", Tables.of(more));
            assertThat(Arrays.copyOf(withCopy, ratings.length)).as(printed).containsExactly(ratings, within(1e-8));
            assertThat(withCopy[ratings.length]).as(printed).isCloseTo(ratings[0], within(1e-8));
            double[][] wider = Arrays.stream(scores)
                    .map(row -> {
                        double[] longer = Arrays.copyOf(row, row.length + 1);
                        longer[row.length] = row[row.length - 1];
                        return longer;
                    })
                    .toArray(double[][]::new);
            assertThat(Tables.scores("nash", Tables.of(wider))).as(printed).containsExactly(ratings, within(1e-8));
        }
        assertThat(found).as("seed %d", seed).isGreaterThan(5);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 20_261_124})
    void candidatesOfTheSupportHaveTheValueAndNobodyGainsByLeaving(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 25; round++) {
            ScoreTable table = Tables.random(random, 2 + random.nextInt(12), 2 + random.nextInt(12));
            Standings standings;
            try {
                standings = new NashAveraging().rank(table);
            } catch (IllegalArgumentException allAlike) {
                continue;
            }
            String printed = "seed " + seed + ", round " + round;
            double[] p = standings.ofCandidates("probability");
            double value = standings.figure("value");
            assertThat(standings.figure("gain")).as(printed).isLessThan(1e-9);
            assertThat(Arrays.stream(p).sum()).as(printed).isCloseTo(1, NINE_DIGITS);
            for (int i = 0; i < p.length; i++) {
                assertThat(p[i]).as(printed).isNotNegative();
                assertThat(standings.scores()[i]).as(printed).isLessThanOrEqualTo(value + 1e-9);
                if (p[i] > 1e-3) {
                    assertThat(standings.scores()[i]).as(printed).isCloseTo(value, within(1e-8));
                    assertThat(standings.ranks()[i]).as(printed).isEqualTo(1);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void againstEachOtherNobodyHasAnAdvantageOverTheMixture(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 25; round++) {
            int size = 2 + random.nextInt(10);
            double[][] advantage = new double[size][size];
            for (int i = 0; i < size; i++) {
                for (int j = 0; j < i; j++) {
                    advantage[i][j] = 3 * random.nextGaussian();
                    advantage[j][i] = -advantage[i][j];
                }
            }
            Standings standings = NashAveraging.ofAdvantages(advantage);
            assertThat(Arrays.stream(standings.scores()).max().orElseThrow())
                    .as("seed %d, round %d", seed, round)
                    .isCloseTo(0, NINE_DIGITS);
        }
    }

    @Test
    void aTaskThatTellsNobodyApartHasNoWeight() {
        ScoreTable table = Tables.of(new double[] {7, 1, 0}, new double[] {7, 0, 1});
        Standings standings = Rules.create("nash", Map.of()).rank(table);
        assertThat(standings.ofTasks("probability")).containsExactly(new double[] {0, 0.5, 0.5}, NINE_DIGITS);
        assertThat(standings.ofTasks("rating")[0]).isNaN();
        assertThatThrownBy(() -> new NashAveraging().rank(Tables.of(new double[] {1}, new double[] {1})))
                .hasMessage(
                        "rule nash: all candidates score alike in every task; allowed: a task that tells them apart");
    }

    @Test
    void whatIsNotAntisymmetricIsRefused() {
        assertThatThrownBy(() -> NashAveraging.ofAdvantages(new double[][] {{0, 1}, {1, 0}}))
                .hasMessage("advantages: 1.0 at (0, 1) and 1.0 at (1, 0); allowed: x and -x");
        assertThat(HeadToHead.logOdds(new double[][] {{0, 3}, {0, 0}})[0][1]).isCloseTo(StrictMath.log(7), NINE_DIGITS);
    }

    /**
     * Whether no other strategies are optimal: as many candidates as tasks are played, whoever is not played would lose by it,
     * and the equations that make those who are played equal have one solution.
     */
    private static boolean unique(double[][] scores, Standings standings) {
        double value = standings.figure("value");
        int[] rows = played(standings.ofCandidates("probability"));
        int[] columns = played(standings.ofTasks("probability"));
        boolean strict = rows.length == columns.length;
        for (int i = 0; i < scores.length; i++) {
            strict &=
                    standings.ofCandidates("probability")[i] > 1e-6 || standings.scores()[i] < value - 1e-4;
        }
        for (int t = 0; t < scores[0].length; t++) {
            strict &= standings.ofTasks("probability")[t] > 1e-6 || -standings.ofTasks("rating")[t] > value + 1e-4;
        }
        return strict && Math.abs(determinant(scores, rows, columns)) > 1e-6;
    }

    private static int[] played(double[] p) {
        return IntStream.range(0, p.length).filter(i -> p[i] > 1e-6).toArray();
    }

    /** Of the scaled scores of those who are played, bordered by ones and a zero. */
    private static double determinant(double[][] scores, int[] rows, int[] columns) {
        int n = rows.length;
        double[][] m = new double[n + 1][n + 1];
        for (int a = 0; a < n; a++) {
            for (int b = 0; b < n; b++) {
                int t = columns[b];
                double least =
                        Arrays.stream(scores).mapToDouble(row -> row[t]).min().orElseThrow();
                double most =
                        Arrays.stream(scores).mapToDouble(row -> row[t]).max().orElseThrow();
                m[a][b] = (scores[rows[a]][t] - least) / (most - least);
            }
            m[a][n] = 1;
            m[n][a] = 1;
        }
        double determinant = 1;
        for (int k = 0; k <= n; k++) {
            int pivot = k;
            for (int i = k; i <= n; i++) {
                pivot = Math.abs(m[i][k]) > Math.abs(m[pivot][k]) ? i : pivot;
            }
            double[] row = m[pivot];
            m[pivot] = m[k];
            m[k] = row;
            determinant *= row[k];
            for (int i = k + 1; i <= n && row[k] != 0; i++) {
                double factor = m[i][k] / row[k];
                for (int j = k; j <= n; j++) {
                    m[i][j] -= factor * row[j];
                }
            }
        }
        return determinant;
    }
}
