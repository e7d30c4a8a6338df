package dev.weir.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Golden numbers of decays and gains, through the streams that use them, in f64 and in f32. */
final class GoldenStreamTest {

    @Test
    @DisplayName("A4 ema: the warm-up's golden decays are those that a stream is folded with")
    void theWarmUpsDecaysFoldTheStream() {
        Operator ema = Operators.create("ema", Map.of("decay", 0.9999, "warm-up", true, "start", 100));
        double[] stream = new double[110];
        Arrays.fill(stream, 0, 101, 3);
        // From the 102nd on, zeros: what is left of the 3 is the product of the decays.
        double[] f64 = Scalars.f64(ema, stream);
        double[] f32 = Scalars.f32(ema, stream);
        assertThat(f64[100]).isEqualTo(3);
        assertThat(f64[101]).isCloseTo(3 * 0.370039475, within(3e-9));
        assertThat(f64[109] / f64[108]).isCloseTo(0.784556531, within(1e-9));
        assertThat(f32[101]).isCloseTo(3 * 0.370039475, within(2e-7));
        assertThat(f32[109] / f32[108]).isCloseTo(0.784556531, within(1e-6));
    }

    @Test
    @DisplayName("A15 kalman: the golden gains are those that a stream ends with")
    void theGainFoldsTheStream() {
        double[] noise = {0.01, 0.3, 4};
        double[] gains = {0.095124922, 0.417890835, 0.828427125};
        for (int i = 0; i < noise.length; i++) {
            Operator kalman = Operators.create("kalman", Map.of("process-noise", noise[i], "measurement-noise", 1));
            double[] stream = new double[501];
            stream[500] = 1;
            assertThat(Scalars.f64(kalman, stream)[500]).isCloseTo(gains[i], within(1e-9));
            assertThat(Scalars.f32(kalman, stream)[500]).isCloseTo(gains[i], within(1e-7));
        }
    }

    @Test
    @DisplayName("A5 online-ensemble: exponential weights give the bias-corrected EMA's golden numbers")
    void exponentialWeightsGiveTheBiasCorrectedNumbers() {
        double[] golden = {1, 1.526315789, 2.070110701, 2.631288165, 3.209714048, 3.805217699};
        Operator ensemble = Operators.create("online-ensemble", Map.of("weighting", "exponential", "decay", 0.9));
        assertThat(Scalars.f64(ensemble, 1, 2, 3, 4, 5, 6)).containsExactly(golden, within(1e-9));
        assertThat(Scalars.f32(ensemble, 1, 2, 3, 4, 5, 6)).containsExactly(golden, within(2e-6));
    }
}
