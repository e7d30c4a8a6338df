package dev.weir.operators.choice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("D4 bradley-terry")
final class BradleyTerryTest {

    private static final BradleyTerry LIKELIEST = BradleyTerry.of(Map.of("prior", false));
    private static final BradleyTerry WITH_PRIOR = BradleyTerry.of(Map.of());

    @Test
    void twoPlayersHaveTheRatioOfTheirWins() {
        double[] strength = strengths(LIKELIEST, new double[][] {{0, 3}, {1, 0}});
        assertThat(strength[0] / strength[1]).isCloseTo(3, within(1e-11));
        assertThat(strength[0] * strength[1]).isCloseTo(1, within(1e-12));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 20_261_124})
    void theFixedPointIsZermelosAndTheLikelihoodNeverFalls(long seed) {
        Random random = new Random(seed);
        for (boolean prior : new boolean[] {false, true}) {
            BradleyTerry rule = prior ? WITH_PRIOR : LIKELIEST;
            double[][] wins = wins(random, 2 + random.nextInt(8));
            String printed = "seed " + seed + ", prior " + prior;
            double[] strength = new double[wins.length];
            Arrays.fill(strength, 1);
            double before = rule.logLikelihood(wins, strength);
            for (int sweep = 0; sweep < 30; sweep++) {
                rule.sweep(wins, strength);
                double after = rule.logLikelihood(wins, strength);
                assertThat(after).as(printed).isGreaterThanOrEqualTo(before - 1e-9);
                before = after;
            }
            double[] found = strengths(rule, wins);
            assertThat(found).as(printed).containsExactly(zermelo(wins, prior), within(1e-6 * max(found)));
        }
    }

    @Test
    void thePriorMovesTheOptimumItselfAndGivesEveryoneABound() {
        double[][] wins = {{0, 4}, {0, 0}};
        double[] strength = strengths(WITH_PRIOR, wins);
        double best = WITH_PRIOR.logLikelihood(wins, strength);
        Random random = new Random(3);
        for (int i = 0; i < 1000; i++) {
            double[] other = {
                strength[0] * Math.exp(0.1 * random.nextGaussian()), strength[1] * Math.exp(0.1 * random.nextGaussian())
            };
            assertThat(WITH_PRIOR.logLikelihood(wins, other)).as("seed 3").isLessThanOrEqualTo(best);
        }
    }

    @Test
    void withoutAPriorOneWhoNeverLostIsRefused() {
        assertThatThrownBy(() -> LIKELIEST.fit(new double[][] {{0, 4}, {0, 0}}))
                .hasMessage(
                        "rule bradley-terry: the player of row 2 never won against those of row 1 and whom they lead"
                                + " to, so that its strength has no bound; allowed: wins both ways, or prior: true");
        assertThatThrownBy(() -> LIKELIEST.fit(new double[][] {{0, 0}, {4, 0}}))
                .hasMessageContaining("row 2 never lost to");
        assertThatThrownBy(() -> WITH_PRIOR.fit(new double[][] {{0, -1}, {4, 0}}))
                .hasMessage("wins: -1.0 at row 1, column 2; allowed: 0 or more, and 0 on the diagonal");
        assertThatThrownBy(() -> BradleyTerry.of(Map.of("max-sweeps", 1)).fit(new double[][] {{0, 9}, {4, 0}}))
                .hasMessageContaining("no end after 1 sweeps");
    }

    private static double[] strengths(BradleyTerry rule, double[][] wins) {
        double[] strength = rule.fit(wins).ofCandidates("strength");
        return strength.clone();
    }

    /** π_i ← W_i / Σ_j n_ij / (π_i + π_j), half the way each time so that it cannot jump. */
    private static double[] zermelo(double[][] wins, boolean prior) {
        double[] strength = new double[wins.length];
        Arrays.fill(strength, 1);
        for (int sweep = 0; sweep < 20_000; sweep++) {
            double[] next = new double[wins.length];
            for (int i = 0; i < wins.length; i++) {
                double won = prior ? 1 : 0;
                double under = prior ? 2 / (strength[i] + 1) : 0;
                for (int j = 0; j < wins.length; j++) {
                    won += wins[i][j];
                    under += i == j ? 0 : (wins[i][j] + wins[j][i]) / (strength[i] + strength[j]);
                }
                next[i] = Math.sqrt(strength[i] * won / under);
            }
            double mean = Math.exp(Arrays.stream(next).map(Math::log).average().orElseThrow());
            for (int i = 0; i < next.length; i++) {
                strength[i] = prior ? next[i] : next[i] / mean;
            }
        }
        return strength;
    }

    private static double max(double[] values) {
        return Arrays.stream(values).max().orElseThrow();
    }

    private static double[][] wins(Random random, int size) {
        double[][] wins = new double[size][size];
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < size; j++) {
                wins[i][j] = i == j ? 0 : 1 + random.nextInt(20);
            }
        }
        return wins;
    }
}
