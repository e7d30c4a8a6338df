package dev.weir.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.operators.solve.SpdSystem;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the operators' pages derive where a source leaves something open: averages of one run. */
final class DerivationsTest {
    private static final long SEED = 20_261_128;

    @Test
    @DisplayName("A4 ema: the warm-up (1 + t) / (10 + t) is the power average of exponent 8, but for where it starts")
    void a4TensorFlowsWarmUpIsAPowerAverage() {
        int count = 4_000;
        double[] warmUp = new double[count + 1];
        warmUp[0] = 1;
        for (int t = 1; t <= count; t++) {
            double decay = (1.0 + t) / (10 + t);
            for (int i = 0; i < t; i++) {
                warmUp[i] *= decay;
            }
            warmUp[t] = 1 - decay;
        }
        double[] indicator = new double[count + 1];
        indicator[0] = 1;
        Operator offset = Operators.create("ema", Map.of("decay", 1 - 0x1p-53, "warm-up-offset", 10));
        double folded = Scalars.f64(offset, indicator)[count];
        double factorials = 1;
        for (int j = 1; j <= 9; j++) {
            factorials *= (1.0 + j) / (count + 1 + j);
        }
        assertThat(warmUp[0]).as("the first model's weight").isCloseTo(factorials, within(1e-11 * factorials));
        assertThat(folded).as("the same, folded").isCloseTo(factorials, within(1e-11 * factorials));
        double[] power = new double[count + 1];
        for (int i = 1; i <= count; i++) {
            power[i] = Math.pow((double) i / count, 9) - Math.pow((i - 1.0) / count, 9);
        }
        assertThat(meanAge(warmUp)).isCloseTo(meanAge(power), within(0.005 * meanAge(power)));
        assertThat(Scalars.f64(Operators.create("power-ema", Map.of("gamma", 8)), 1, 3)[1])
                .as("what power-ema does with that exponent")
                .isCloseTo(Math.pow(0.5, 9) + 3 * (1 - Math.pow(0.5, 9)), within(1e-15));
    }

    @Test
    @DisplayName(
            "A4 ema: a half-life of at most 0.09 of the steps so far is a power average of exponent 6.7 to begin with")
    void a4ARampIsAPowerAverageToBeginWith() {
        double gamma = StrictMath.log(2) / 0.09 - 1;
        Operator ramp = Operators.create("ema", Map.of("half-life", 1e12, "half-life-ramp", 0.09));
        Operator power = Operators.create("power-ema", Map.of("gamma", gamma));
        assertThat(gamma).isCloseTo(6.7, within(0.01));
        int count = 2_000;
        double[] rising = new double[count];
        Arrays.setAll(rising, i -> i + 1);
        double age = count - Scalars.f64(ramp, rising)[count - 1];
        assertThat(age).isCloseTo(count - Scalars.f64(power, rising)[count - 1], within(0.005 * age));
        Operator bounded = Operators.create("ema", Map.of("half-life", 20, "half-life-ramp", 0.09));
        Operator plain = Operators.create("ema", Map.of("half-life", 20));
        assertThat(Scalars.f64(bounded, rising)[count - 1])
                .isCloseTo(Scalars.f64(plain, rising)[count - 1], within(1e-12 * count));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.9, 0.99, 0.9999})
    @DisplayName("A13 consistency-teacher: the evaluation average halves what was in ln 2 / (1 - d) checkpoints")
    void a13ADecayHasAHalfLife(double decay) {
        Operator evaluation = Operators.create("consistency-teacher", Map.of("decay", decay));
        int half = (int) Math.round(StrictMath.log(0.5) / StrictMath.log(decay));
        double[] stream = new double[half + 1];
        stream[0] = 1;
        double[] means = Scalars.f64(evaluation, stream);
        assertThat(means[half]).isCloseTo(0.5, within(0.05 * (1 - decay) / 0.1 + 1e-9));
        assertThat((double) half).isCloseTo(StrictMath.log(2) / (1 - decay), within(1.0));
    }

    @Test
    @DisplayName("A14 weight-centre: the mean of the epochs is where the sum of the penalties is least")
    void a14TheMeanIsTheLeastPenalty() {
        Random random = new Random(SEED);
        for (int round = 0; round < 100; round++) {
            double[] epochs = random.doubles(2 + random.nextInt(10), -3, 3).toArray();
            double[] centres = Scalars.f64(Operators.create("weight-centre", Map.of()), epochs);
            double centre = centres[centres.length - 1];
            double least = penalty(epochs, centre);
            assertThat(penalty(epochs, centre + 1e-3)).isGreaterThan(least);
            assertThat(penalty(epochs, centre - 1e-3)).isGreaterThan(least);
            double gradient =
                    Arrays.stream(epochs).map(theta -> 2 * (theta - centre)).sum();
            assertThat(gradient).as("of all epochs, at the centre").isCloseTo(0, within(1e-13));
        }
    }

    @Test
    @DisplayName("A15 kalman: it is the posterior mean of a random walk that was measured with these noises")
    void a15TheFilterIsThePosteriorOfARandomWalk() {
        Random random = new Random(SEED);
        for (int round = 0; round < 100; round++) {
            int count = 2 + random.nextInt(7);
            double q = 0.01 + random.nextDouble();
            double[] measured = random.doubles(count, -2, 2).toArray();
            double[] losses = random.doubles(count, 0.1, 3).toArray();
            double[][] precision = new double[count][count];
            double[][] weighted = new double[count][1];
            for (int t = 0; t < count; t++) {
                double noise = losses[t] / losses[0];
                precision[t][t] += 1 / noise;
                weighted[t][0] = measured[t] / noise;
                if (t > 0) {
                    precision[t][t] += 1 / q;
                    precision[t - 1][t - 1] += 1 / q;
                    precision[t][t - 1] -= 1 / q;
                    precision[t - 1][t] -= 1 / q;
                }
            }
            double posterior = SpdSystem.solve("walk", precision, weighted).values()[count - 1][0];
            String set = Arrays.stream(losses).mapToObj(String::valueOf).collect(Collectors.joining(","));
            Operator kalman =
                    Operators.create("kalman", Map.of("process-noise", q, "measurement-noise", 1, "losses", set));
            double[] means = Scalars.f64(kalman, measured);
            assertThat(means[count - 1]).as("seed %d round %d", SEED, round).isCloseTo(posterior, within(1e-9));
        }
    }

    @Test
    @DisplayName("A6 switch-ema: weights that were taken over leave the average as it is, whatever the decay")
    void a6ASwitchIsAFixedPointOfTheLerp() {
        Random random = new Random(SEED);
        for (int round = 0; round < 1_000; round++) {
            double decay = random.nextDouble();
            double theta = (float) random.nextGaussian();
            double[] means = Scalars.f32(Operators.create("switch-ema", Map.of("decay", decay)), theta, 1, theta);
            double switched = means[2];
            assertThat(
                            Scalars.f32(
                                    Operators.create("switch-ema", Map.of("decay", decay)), theta, 1, theta, switched)[
                                    3])
                    .isEqualTo(switched);
        }
    }

    private static double penalty(double[] epochs, double centre) {
        return Arrays.stream(epochs)
                .map(theta -> (theta - centre) * (theta - centre))
                .sum();
    }

    private static double meanAge(double[] weights) {
        double age = 0;
        for (int i = 0; i < weights.length; i++) {
            age += weights[i] * (weights.length - 1 - i);
        }
        return age;
    }
}
