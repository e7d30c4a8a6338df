package dev.weir.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A7 power-ema")
final class PowerEmaTest {
    @Test
    void widthsGiveTheGoldenExponents() {
        double[] sigmas = {0.01, 0.05, 0.10, 0.15, 0.20, 0.25, 0.28};
        double[] golden = {96.994897824, 16.972198602, 6.937203938, 3.557868775, 1.826213780, 0.719823958, 0.169343994};
        for (int i = 0; i < sigmas.length; i++) {
            assertThat(PowerProfile.gamma(sigmas[i])).isCloseTo(golden[i], within(1e-9));
        }
    }

    @Test
    void aTenthGivesTheGoldenNumbers() {
        double[] golden = {1, 1.995919968, 2.959812028, 3.893965402, 4.811819692, 5.7204853};
        Operator ema = Operators.create("power-ema", Map.of("sigma-rel", 0.1));
        assertThat(Scalars.f64(ema, 1, 2, 3, 4, 5, 6)).containsExactly(golden, within(1e-9));
        assertThat(Scalars.f32(ema, 1, 2, 3, 4, 5, 6)).containsExactly(golden, within(2e-6));
    }

    @Test
    void checkpointsWeighAsTheClosedFormSays() {
        double[] weights = weights(Operators.create("power-ema", Map.of("gamma", 2.5)), 50, 1);
        for (int i = 1; i <= 50; i++) {
            double closed = (Math.pow(i, 3.5) - Math.pow(i - 1, 3.5)) / Math.pow(50, 3.5);
            assertThat(weights[i - 1]).isCloseTo(closed, within(1e-14));
        }
    }

    @Test
    void anExponentOfZeroIsThePlainMean() {
        assertThat(Scalars.f64(Operators.create("power-ema", Map.of("gamma", 0)), 1, 2, 6))
                .containsExactly(new double[] {1, 1.5, 3}, within(1e-15));
    }

    @ParameterizedTest
    @ValueSource(longs = {10, 100})
    void aSparseCadenceKeepsTheProfile(long every) {
        double[] weights = weights(Operators.create("power-ema", Map.of("sigma-rel", 0.1)), 4_096, every);
        double mean = 0;
        double square = 0;
        for (int i = 0; i < weights.length; i++) {
            double position = (i + 0.5) / weights.length;
            mean += weights[i] * position;
            square += weights[i] * position * position;
        }
        assertThat(mean).as("0.442 or 0.0735 if the cadence were left out").isCloseTo(0.888, within(1e-3));
        assertThat(Math.sqrt(square - mean * mean)).as("0.297 if it were").isCloseTo(0.0999, within(2e-4));
    }

    @Test
    void aFirstCheckpointOfStepZeroIsCopied() {
        Operator ema = Operators.create("power-ema", Map.of());
        Step first = ema.step(Progress.START, new Checkpoint(1, "run", 0));
        assertThat(first.coefficients()).containsExactly(1.0);
        assertThat(ema.step(first.next(), new Checkpoint(2, "run", 5)).coefficients())
                .containsExactly(1.0);
    }

    private static double[] weights(Operator operator, int count, long every) {
        List<List<Double>> updates = new ArrayList<>();
        Progress progress = Progress.START;
        for (int i = 1; i <= count; i++) {
            Step step = operator.step(progress, new Checkpoint(i, "run", i * every));
            progress = step.next();
            updates.add(step.coefficients());
        }
        return operator.shape().effectiveWeights(updates);
    }
}
