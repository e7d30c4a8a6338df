package dev.weir.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.schemas.tensor.Dtype;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("A14 weight-centre")
final class WeightCentreTest {
    private static final long SEED = 20_261_129;

    private final Operator operator = Operators.create("weight-centre", Map.of("distances", true));

    @ParameterizedTest
    @EnumSource(names = {"F64", "F32", "BF16"})
    void distancesAreThoseFromTheCentreThatTheCheckpointHasEntered(Dtype dtype) {
        Random random = new Random(SEED);
        for (int round = 0; round < 30; round++) {
            double[][][] models = models(random, 8);
            List<Step> steps = Models.of(operator, dtype).many(models).steps();
            assertThat(steps.get(0).distances()).as("the first is the centre").isEmpty();
            for (int n = 2; n <= models.length; n++) {
                for (int tensor = 0; tensor < 3; tensor++) {
                    double direct = distance(models, n, tensor);
                    assertThat(steps.get(n - 1).distances())
                            .as("seed %d round %d checkpoint %d tensor %d", SEED, round, n, tensor)
                            .hasSize(3)
                            .hasEntrySatisfying(
                                    "t" + tensor, said -> assertThat(said).isCloseTo(direct, within(1e-12 * direct)));
                }
            }
        }
    }

    @Test
    void theyDoNotDependOnWhereAStateWasSavedAndTheCentreIsThatWithoutThem() {
        double[][][] models = models(new Random(SEED), 8);
        Models.Folded whole = new Models(operator, Dtype.F32, 7, -1, List.of()).many(models);
        Models.Folded resumed = new Models(operator, Dtype.F32, 7, 4, List.of()).many(models);
        assertThat(resumed.steps()).isEqualTo(whole.steps());
        Operator plain = Operators.create("weight-centre", Map.of());
        assertThat(new Models(plain, Dtype.F32, 7, -1, List.of()).many(models).emitted())
                .usingRecursiveComparison()
                .isEqualTo(whole.emitted());
        assertThat(new Models(plain, Dtype.F32, 7, -1, List.of()).many(models).steps())
                .allSatisfy(step -> assertThat(step.distances()).isEmpty());
    }

    @Test
    void tensorsThatAreNotAveragedAndCheckpointsThatDoNotEnterHaveNone() {
        List<TensorPolicy.Rule> rules = List.of(new TensorPolicy.Rule("t1", TensorPolicy.FREEZE));
        double[][][] models = models(new Random(SEED), 4);
        Operator second = Operators.create("weight-centre", Map.of("distances", true, "every", 2));
        List<Step> steps =
                new Models(second, Dtype.F32, 7, -1, rules).many(models).steps();
        assertThat(steps.get(1).enters()).isFalse();
        assertThat(steps.get(1).distances()).isEmpty();
        assertThat(steps.get(2).distances()).containsOnlyKeys("t0", "t2");
    }

    @Test
    void theGradientOfThePenaltyIsTwiceLambdaTimesTheDifference() {
        double lambda = 0.3;
        double[] theta = {1, -2, 0.5};
        double[] centre = {0.25, -1, 2};
        double h = 1e-6;
        for (int i = 0; i < theta.length; i++) {
            double[] up = theta.clone();
            double[] down = theta.clone();
            up[i] += h;
            down[i] -= h;
            double slope = lambda * (square(up, centre) - square(down, centre)) / (2 * h);
            assertThat(slope).isCloseTo(2 * lambda * (theta[i] - centre[i]), within(1e-8));
        }
    }

    /** Of the n-th checkpoint from the mean of the first n, in f64. */
    private static double distance(double[][][] models, int n, int tensor) {
        double[] centre = new double[models[0][tensor].length];
        for (int e = 0; e < centre.length; e++) {
            for (int i = 0; i < n; i++) {
                centre[e] += models[i][tensor][e];
            }
            centre[e] /= n;
        }
        return Math.sqrt(square(models[n - 1][tensor], centre));
    }

    private static double square(double[] theta, double[] centre) {
        double square = 0;
        for (int i = 0; i < theta.length; i++) {
            square += (theta[i] - centre[i]) * (theta[i] - centre[i]);
        }
        return square;
    }

    /** Models of three tensors, whose values bf16 has. */
    private static double[][][] models(Random random, int count) {
        double[][][] models = new double[count][3][];
        for (double[][] model : models) {
            for (int tensor = 0; tensor < 3; tensor++) {
                model[tensor] = random.ints(5 + 10L * tensor, -64, 65)
                        .mapToDouble(value -> value / 32.0)
                        .toArray();
            }
        }
        return models;
    }
}
