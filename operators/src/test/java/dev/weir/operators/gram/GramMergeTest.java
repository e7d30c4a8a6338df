package dev.weir.operators.gram;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.weir.operators.solve.SpdSystem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("B12 regmean")
final class GramMergeTest {

    private static final RegMean PLAIN = new RegMean(1, 0);

    /** Golden numbers: operators.md, section 11. */
    @Test
    void theTwoByTwoExampleHasItsGoldenNumbers() {
        double[][] c1 = {{2, 1}, {1, 3}};
        double[][] c2 = {{4, -1}, {-1, 2}};
        double[][] w1 = {{1}, {2}};
        double[][] w2 = {{3}, {-1}};
        double[][] merged = PLAIN.merge("head", List.of(c1, c2), List.of(w1, w2), new double[] {1, 1})
                .values();
        assertThat(merged[0][0]).isCloseTo(2.833333333333333, within(1e-15));
        assertThat(merged[1][0]).isCloseTo(0.4, within(1e-15));
        AnalyticAggregation law = new AnalyticAggregation("head", 2, 1, 0);
        law.add(c1, w1);
        law.add(c2, w2);
        assertThat(law.weights().values()).isDeepEqualTo(merged);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 20_261_124})
    void equalGramsGiveTheMean(long seed) {
        Random random = new Random(seed);
        double[][] gram = gram(matrix(random, 50, 6));
        List<double[][]> weights = List.of(matrix(random, 6, 3), matrix(random, 6, 3), matrix(random, 6, 3));
        double[][] merged = RegMean.of(Map.of())
                .merge("0.weight", List.of(gram, gram, gram), weights, new double[] {1, 1, 1})
                .values();
        for (int i = 0; i < 6; i++) {
            for (int o = 0; o < 3; o++) {
                double mean = (weights.get(0)[i][o] + weights.get(1)[i][o] + weights.get(2)[i][o]) / 3;
                assertThat(merged[i][o]).as("seed %d", seed).isCloseTo(mean, within(1e-12));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 20_261_124})
    void theMergeMinimisesTheDistanceOfOutputs(long seed) {
        Random random = new Random(seed);
        List<double[][]> inputs = List.of(matrix(random, 40, 5), matrix(random, 30, 5));
        List<double[][]> weights = List.of(matrix(random, 5, 2), matrix(random, 5, 2));
        double[][] merged = PLAIN.merge(
                        "0.weight", inputs.stream().map(GramMergeTest::gram).toList(), weights, new double[] {1, 2})
                .values();
        double[][] gradient = new double[5][2];
        for (int k = 0; k < 2; k++) {
            double[][] away = product(gram(inputs.get(k)), minus(merged, weights.get(k)));
            for (int i = 0; i < 5; i++) {
                for (int o = 0; o < 2; o++) {
                    gradient[i][o] += (k + 1) * away[i][o];
                }
            }
        }
        assertClose(gradient, new double[5][2], 1e-11, "seed " + seed);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void neitherOrderNorPartsMatterBeyondRounding(long seed) {
        Random random = new Random(seed);
        List<double[][]> grams = new ArrayList<>();
        List<double[][]> weights = new ArrayList<>();
        List<Integer> order = new ArrayList<>();
        for (int k = 0; k < 6; k++) {
            grams.add(gram(matrix(random, 20, 4)));
            weights.add(matrix(random, 4, 3));
            order.add(k);
        }
        RegMean rule = new RegMean(0.9, 1e-6);
        GramSum whole = new GramSum(4, 3);
        order.forEach(k -> rule.add(whole, grams.get(k), weights.get(k), 1));
        Collections.shuffle(order, random);
        GramSum first = new GramSum(4, 3);
        GramSum second = new GramSum(4, 3);
        order.forEach(k -> rule.add(k % 2 == 0 ? first : second, grams.get(k), weights.get(k), 1));
        second.add(first);
        assertClose(second.solve("w").values(), whole.solve("w").values(), 1e-12, "seed " + seed);
    }

    @Test
    void diagonalGramsWeighEveryInputByItself() {
        double[][] merged = PLAIN.merge(
                        "w",
                        List.of(new double[][] {{1, 0}, {0, 3}}, new double[][] {{3, 0}, {0, 1}}),
                        List.of(new double[][] {{1}, {1}}, new double[][] {{5}, {5}}),
                        new double[] {1, 1})
                .values();
        assertThat(merged).isDeepEqualTo(new double[][] {{4}, {2}});
    }

    @Test
    void aFactorOfZeroOffTheDiagonalLeavesTheDiagonalAlone() {
        double[][] c1 = {{1, 0.5}, {0.5, 3}};
        double[][] c2 = {{3, 0.1}, {0.1, 1}};
        double[][] merged = new RegMean(0, 0)
                .merge(
                        "w",
                        List.of(c1, c2),
                        List.of(new double[][] {{1}, {1}}, new double[][] {{5}, {5}}),
                        new double[] {1, 1})
                .values();
        assertThat(merged).isDeepEqualTo(new double[][] {{4}, {2}});
    }

    @Test
    void inputsThatAreNeverActiveGetTheMeanAndWithoutARidgeARefusal() {
        double[][] gram = {{2, 0}, {0, 0}};
        List<double[][]> weights = List.of(new double[][] {{1}, {1}}, new double[][] {{5}, {5}});
        double[][] merged = RegMean.of(Map.of())
                .merge("0.weight", List.of(gram, gram), weights, new double[] {1, 1})
                .values();
        assertClose(merged, new double[][] {{3}, {3}}, 1e-12, "dead input");
        assertThatThrownBy(() -> PLAIN.merge("0.weight", List.of(gram, gram), weights, new double[] {1, 1}))
                .hasMessage("Gram matrix of 0.weight: has 0.0 on its diagonal at row 1, too near to a singular matrix;"
                        + " allowed: a condition of at most 1.0E10; take more examples or a larger ridge");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 20_261_124})
    void analyticAggregationIsTheRegressionOfAllData(long seed) {
        Random random = new Random(seed);
        int clients = 4;
        double ridge = 0.5;
        double[][] allInputs = matrix(random, 60, 5);
        double[][] allTargets = matrix(random, 60, 3);
        AnalyticAggregation law = new AnalyticAggregation("head", 5, 3, ridge);
        double[][] pairwiseWeights = {};
        double[][] pairwiseGram = {};
        for (int k = 0; k < clients; k++) {
            double[][] x = Arrays.copyOfRange(allInputs, 15 * k, 15 * (k + 1));
            double[][] y = Arrays.copyOfRange(allTargets, 15 * k, 15 * (k + 1));
            double[][] c = plusDiagonal(gram(x), ridge);
            double[][] w =
                    SpdSystem.solve("C", c, product(RegMean.transposed(x), y)).values();
            law.add(c, w);
            pairwiseWeights = k == 0 ? w : pairwise(pairwiseGram, pairwiseWeights, c, w);
            pairwiseGram = k == 0 ? c : minus(pairwiseGram, scaled(c, -1));
        }
        String printed = "seed " + seed;
        double[][] right = product(RegMean.transposed(allInputs), allTargets);
        double[][] joint = SpdSystem.solve("joint", plusDiagonal(gram(allInputs), clients * ridge), right)
                .values();
        assertClose(law.weights().values(), joint, 1e-12, printed);
        assertClose(pairwiseWeights, joint, 1e-11, printed);
        double[][] plain = SpdSystem.solve("plain", gram(allInputs), right).values();
        assertClose(law.cleanWeights(), plain, 1e-12, printed);
    }

    @Test
    void aClientThatIsTakenAwayWasNeverThere() {
        Random random = new Random(6);
        AnalyticAggregation law = new AnalyticAggregation("head", 3, 2, 0);
        double[][] c1 = gram(matrix(random, 9, 3));
        double[][] w1 = matrix(random, 3, 2);
        double[][] c2 = gram(matrix(random, 9, 3));
        double[][] w2 = matrix(random, 3, 2);
        law.add(c1, w1);
        double[][] before = law.weights().values();
        law.add(c2, w2);
        law.remove(c2, w2);
        assertClose(law.weights().values(), before, 1e-12, "seed 6");
        law.remove(c1, w1);
        assertThatThrownBy(() -> law.remove(c1, w1))
                .hasMessage("head: no client to take away; allowed: one that was added");
    }

    @Test
    void whatDoesNotFitIsRefused() {
        GramSum sum = new GramSum(2, 1);
        assertThatThrownBy(() -> sum.add(new double[1][1], new double[2][1], 1))
                .hasMessageEndingWith("allowed: 2 by 2, finite");
        assertThatThrownBy(() -> sum.add(new double[2][2], new double[][] {{1}, {Double.NaN}}, 1))
                .hasMessageEndingWith("allowed: 2 by 1, finite");
        assertThatThrownBy(() -> PLAIN.add(sum, new double[2][2], new double[2][1], 0))
                .hasMessage("coefficient: 0.0; allowed: above 0, and finite");
        assertThatThrownBy(() -> PLAIN.merge("w", List.of(), List.of(), new double[0]))
                .hasMessageStartingWith("w: 0 Gram matrices");
    }

    /** The paper's equation 9 as it stands there. */
    private static double[][] pairwise(double[][] c1, double[][] w1, double[][] c2, double[][] w2) {
        return minus(share(c1, c2, w1), scaled(share(c2, c1, w2), -1));
    }

    /** (I − R_1C_2 + R_1C_2S⁻¹C_2) W_1 with R_1 = C_1⁻¹ and S = C_1 + C_2. */
    private static double[][] share(double[][] c1, double[][] c2, double[][] w1) {
        double[][] s = minus(c1, scaled(c2, -1));
        double[][] identity = plusDiagonal(new double[c1.length][c1.length], 1);
        double[][] r1c2 = SpdSystem.solve("C1", c1, c2).values();
        double[][] sc2 = SpdSystem.solve("S", s, c2).values();
        return product(minus(minus(identity, r1c2), scaled(product(r1c2, sc2), -1)), w1);
    }

    private static void assertClose(double[][] actual, double[][] expected, double tolerance, String printed) {
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i]).as(printed).containsExactly(expected[i], within(tolerance));
        }
    }

    private static double[][] matrix(Random random, int rows, int columns) {
        double[][] matrix = new double[rows][columns];
        for (double[] row : matrix) {
            Arrays.setAll(row, j -> random.nextGaussian());
        }
        return matrix;
    }

    private static double[][] gram(double[][] x) {
        return product(RegMean.transposed(x), x);
    }

    private static double[][] product(double[][] a, double[][] b) {
        double[][] product = new double[a.length][b[0].length];
        for (int i = 0; i < a.length; i++) {
            for (int k = 0; k < b.length; k++) {
                for (int j = 0; j < b[0].length; j++) {
                    product[i][j] += a[i][k] * b[k][j];
                }
            }
        }
        return product;
    }

    private static double[][] minus(double[][] a, double[][] b) {
        double[][] minus = new double[a.length][a[0].length];
        for (int i = 0; i < a.length; i++) {
            int at = i;
            Arrays.setAll(minus[i], j -> a[at][j] - b[at][j]);
        }
        return minus;
    }

    private static double[][] scaled(double[][] a, double factor) {
        return Arrays.stream(a)
                .map(row -> Arrays.stream(row).map(value -> factor * value).toArray())
                .toArray(double[][]::new);
    }

    private static double[][] plusDiagonal(double[][] a, double diagonal) {
        double[][] plus = scaled(a, 1);
        for (int i = 0; i < plus.length; i++) {
            plus[i][i] += diagonal;
        }
        return plus;
    }
}
