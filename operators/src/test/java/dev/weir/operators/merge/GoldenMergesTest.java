package dev.weir.operators.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Golden numbers of coefficients, through f64 and f32 models. */
final class GoldenMergesTest {

    @Test
    @DisplayName("A7 post-hoc-ema: the golden coefficients, one snapshot at a time")
    void postHocCoefficientsThroughModels() {
        double[] golden = {
            -0.000562035, -0.013147866, -0.077958372, -0.264061971, 0.001944069, 0.038019967, 0.200408640, 1.115357568
        };
        Merge merge = Vectors.create("post-hoc-ema", Map.of());
        for (int snapshot = 0; snapshot < golden.length; snapshot++) {
            double[][] models = new double[golden.length][1];
            models[snapshot][0] = 1;
            assertThat(Vectors.f64(merge, models)[0]).isCloseTo(golden[snapshot], within(1e-8));
            assertThat(Vectors.f32(merge, models)[0]).isCloseTo(golden[snapshot], within(1e-7));
        }
    }

    @Test
    @DisplayName("A9 schedule-free-x: the golden x from y and z, in f32 too")
    void scheduleFreeXOfTheGoldenSequence() {
        double[] z = {0.25, 0.06875, -0.0575};
        double[] y = {0.3625, 0.2525, 0.16553125};
        double[] x = {0.375, 0.272916667, 0.1903125};
        Merge merge = Vectors.create("schedule-free-x", Map.of());
        assertThat(Vectors.f64(merge, y, z)).containsExactly(x, within(1e-9));
        assertThat(Vectors.f32(merge, y, z)).containsExactly(x, within(1e-7));
    }
}
