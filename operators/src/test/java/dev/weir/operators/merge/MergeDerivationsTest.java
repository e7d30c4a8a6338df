package dev.weir.operators.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What the operators' pages derive where a source leaves something open: merges of several models. */
final class MergeDerivationsTest {
    private static final long SEED = 20_261_129;

    @Test
    @DisplayName("A7 post-hoc-ema: snapshots in f16 move the result by their rounding times the sum of the magnitudes")
    void a7SnapshotsInF16() {
        Random random = new Random(SEED);
        double[][] exact = new double[8][2_000];
        double[][] rounded = new double[8][2_000];
        for (int i = 0; i < 8; i++) {
            for (int e = 0; e < 2_000; e++) {
                exact[i][e] = 0.01 + random.nextDouble();
                rounded[i][e] = Float.float16ToFloat(Float.floatToFloat16((float) exact[i][e]));
            }
        }
        Merge merge = Vectors.create("post-hoc-ema", Map.of());
        double magnitude =
                Arrays.stream(Vectors.row(merge, 8, "w")).map(Math::abs).sum();
        assertThat(magnitude).isBetween(1.6, 1.8);
        double[] wanted = Vectors.f64(merge, exact);
        double[] made = Vectors.f64(merge, rounded);
        double squares = 0;
        double lengths = 0;
        for (int e = 0; e < 2_000; e++) {
            assertThat(made[e]).isCloseTo(wanted[e], within(4.9e-4 * magnitude * 1.01));
            squares += (made[e] - wanted[e]) * (made[e] - wanted[e]);
            lengths += wanted[e] * wanted[e];
        }
        assertThat(Math.sqrt(squares / lengths)).as("2.1e-4").isLessThan(3e-4);
    }

    @Test
    @DisplayName("A10 lcsc: rounding is at most that of the inputs times the sum of the coefficients' magnitudes")
    void a10RoundingGrowsWithTheMagnitudes() {
        Random random = new Random(SEED);
        for (int round = 0; round < 200; round++) {
            double[] exact = random.doubles(5, 0.5, 1).toArray();
            double[] row = random.doubles(5, -6, 6).toArray();
            row[0] = 1 - Arrays.stream(row).skip(1).sum();
            double wanted = 0;
            double magnitude = 0;
            double[][] models = new double[5][];
            for (int i = 0; i < 5; i++) {
                wanted += row[i] * exact[i];
                magnitude += Math.abs(row[i]);
                models[i] = new double[] {exact[i]};
            }
            String set = Arrays.stream(row).mapToObj(String::valueOf).collect(Collectors.joining(","));
            double made = Vectors.f32(Vectors.create("lcsc", Map.of("coefficients", set)), models)[0];
            assertThat(made)
                    .as("seed %d round %d", SEED, round)
                    .isCloseTo(wanted, within(0x1p-24 * magnitude + Math.ulp((float) wanted)));
        }
    }

    @Test
    @DisplayName("B9 soup-bcwi: the interpolation to the mean is the mean of the interpolations")
    void b9TheSoupIsTheMeanOfTheInterpolations() {
        Random random = new Random(SEED);
        for (int round = 0; round < 100; round++) {
            double weight = random.nextDouble();
            double[] old = random.doubles(3, -1, 1).toArray();
            double[] one = random.doubles(3, -1, 1).toArray();
            double[] two = random.doubles(3, -1, 1).toArray();
            Merge merge = Vectors.create("soup-bcwi", Map.of("new-weight", weight));
            double[] soup = Vectors.f64(merge, old, one, two);
            double[] first = Vectors.f64(merge, old, one);
            double[] second = Vectors.f64(merge, old, two);
            for (int e = 0; e < 3; e++) {
                assertThat(soup[e]).isCloseTo((first[e] + second[e]) / 2, within(1e-15));
            }
        }
    }
}
