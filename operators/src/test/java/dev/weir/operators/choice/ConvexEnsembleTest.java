package dev.weir.operators.choice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.weir.operators.solve.SimplexQuadratic;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("D6 ensemble")
final class ConvexEnsembleTest {

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 20_261_124})
    void theEnsembleIsOptimalAndNoWorseThanAnyModelOrEqualWeights(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 40; round++) {
            int models = 1 + random.nextInt(9);
            double noise = Math.pow(10, -4 * random.nextDouble());
            EnsembleMoments moments = new EnsembleMoments(models);
            for (int i = 0; i < 60; i++) {
                double target = random.nextGaussian();
                double shared = random.nextGaussian();
                double[] predictions = new double[models];
                Arrays.setAll(predictions, k -> target + 0.3 * shared + noise * (k + 1) * random.nextGaussian());
                moments.add(predictions, target, 0.5 + random.nextDouble());
            }
            Standings standings = ConvexEnsemble.fit(moments);
            String printed = "seed " + seed + ", round " + round;
            assertThat(SimplexQuadratic.residual(moments.q(), moments.c(), standings.scores()))
                    .as(printed)
                    .isLessThan(1e-10);
            double error = standings.figure("error");
            assertThat(error).as(printed).isLessThanOrEqualTo(standings.figure("error-equal-weights") + 1e-12);
            for (double alone : standings.ofCandidates("error-alone")) {
                assertThat(error).as(printed).isLessThanOrEqualTo(alone + 1e-12);
            }
        }
    }

    @Test
    void modelsThatPredictTheSameShareAWeight() {
        EnsembleMoments two = new EnsembleMoments(2);
        EnsembleMoments copied = new EnsembleMoments(4);
        Random random = new Random(4);
        for (int i = 0; i < 50; i++) {
            double target = random.nextGaussian();
            double first = target + random.nextGaussian();
            double second = target + 2 * random.nextGaussian();
            two.add(new double[] {first, second}, target, 1);
            copied.add(new double[] {first, second, first, first}, target, 1);
        }
        double[] alone = ConvexEnsemble.fit(two).scores();
        double[] shared = ConvexEnsemble.fit(copied).scores();
        assertThat(alone[0]).isBetween(0.1, 0.999);
        assertThat(shared)
                .containsExactly(new double[] {alone[0] / 3, alone[1], alone[0] / 3, alone[0] / 3}, within(1e-12));
        assertThat(shared[0]).isEqualTo(shared[2]).isEqualTo(shared[3]);
    }

    @Test
    void aWeightOfOneIsNoWeightAndOfTwoTheExampleTwice() {
        EnsembleMoments twice = new EnsembleMoments(2);
        EnsembleMoments weighted = new EnsembleMoments(2);
        EnsembleMoments part = new EnsembleMoments(2);
        double[][] predictions = {{1, 2}, {0, -1}, {3, 1}};
        double[] targets = {1.25, -0.25, 2};
        for (int i = 0; i < 3; i++) {
            twice.add(predictions[i], targets[i], 1);
            twice.add(predictions[i], targets[i], 1);
            (i == 1 ? part : weighted).add(predictions[i], targets[i], 2);
        }
        weighted.add(part);
        assertThat(ConvexEnsemble.fit(weighted).scores())
                .isEqualTo(ConvexEnsemble.fit(twice).scores());
        assertThat(weighted.examples()).isEqualTo(3);
    }

    @Test
    void countsOfVotesAreTheMomentsOfAnExampleForEachClass() {
        int[][] predicted = {{0, 1}, {2, 2}, {1, 1}, {0, 2}};
        int[] labels = {0, 2, 0, 2};
        EnsembleMoments oneHot = new EnsembleMoments(2);
        long[][] alike = new long[2][2];
        long[] right = new long[2];
        for (int example = 0; example < 4; example++) {
            for (int of = 0; of < 3; of++) {
                int votes = of;
                double[] f = Arrays.stream(predicted[example])
                        .mapToDouble(one -> one == votes ? 1 : 0)
                        .toArray();
                oneHot.add(f, labels[example] == of ? 1 : 0, 1);
            }
            for (int k = 0; k < 2; k++) {
                right[k] += predicted[example][k] == labels[example] ? 1 : 0;
                for (int l = 0; l < 2; l++) {
                    alike[k][l] += predicted[example][k] == predicted[example][l] ? 1 : 0;
                }
            }
        }
        EnsembleMoments counted = EnsembleMoments.ofVotes(alike, right, 4);
        assertThat(counted.q()).isDeepEqualTo(oneHot.q());
        assertThat(counted.c()).isEqualTo(oneHot.c());
        assertThat(ConvexEnsemble.fit(counted).scores())
                .isEqualTo(ConvexEnsemble.fit(oneHot).scores());
    }

    @Test
    void whatIsNoExampleIsRefusedAndTakenInNowhere() {
        EnsembleMoments moments = new EnsembleMoments(2);
        assertThatThrownBy(() -> moments.add(new double[] {1}, 1, 1))
                .hasMessage("1 predictions; allowed: one for each of 2 models");
        assertThatThrownBy(() -> moments.add(new double[] {1, Double.NaN}, 1, 1))
                .hasMessage("prediction of model 2: NaN; allowed: a finite number");
        assertThatThrownBy(() -> moments.add(new double[] {1, 1}, 1, -1))
                .hasMessage("weight: -1.0; allowed: 0 or more");
        assertThatThrownBy(() -> ConvexEnsemble.fit(moments))
                .hasMessage("ensemble: 0 examples of weight 0.0; allowed: at least one of a weight above 0");
    }
}
