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

    /** It counts accepted checkpoints: the 1,000,102nd is one of a million, whatever its trainer step. */
    @Test
    @DisplayName(
            "A4 ema: the warm-up's golden decays of the 1,101st, 31,723rd and 1,000,102nd checkpoint fold a stream of as many")
    void theWarmUpsLateDecaysFoldALongStream() {
        int[] late = {1101, 31_723, 1_000_102};
        double[] golden = {0.990006661, 0.999000005, 0.9999};
        Operator ema = Operators.create("ema", Map.of("decay", 0.9999, "warm-up", true, "start", 100));
        double[] stream = new double[1_000_102];
        Arrays.fill(stream, 1);
        // A zero among ones: what is left of the average is its decay.
        for (int number : late) {
            stream[number - 1] = 0;
        }
        double[] f64 = Scalars.f64(ema, stream);
        double[] f32 = Scalars.f32(ema, stream);
        for (int i = 0; i < late.length; i++) {
            int at = late[i] - 1;
            assertThat(f64[at] / f64[at - 1]).as("%d", late[i]).isCloseTo(golden[i], within(1e-9));
            assertThat(f32[at] / f32[at - 1]).as("%d, f32", late[i]).isCloseTo(golden[i], within(1e-7));
        }
    }

    /**
     * 200,000 updates of decay 0.9999 from 1 towards 1.00001, of which each would add less than half of what f32 tells apart near 1.
     * {@link EmaTest#anAverageOfBf16DoesNotStall} is the other half of section 0.3; a chunk that stays the same waits, and does not
     * stall ({@link RepeatedChunkTest#anAverageThatWaitsDoesNotStall}).
     */
    @Test
    @DisplayName(
            "A4 ema: an f32 average stalls where (1 - d) |theta - m| is less than half an ulp, and an f64 one does not")
    void anF32AverageStallsBelowHalfAnUlp() {
        Operator ema = Operators.create("ema", Map.of("decay", 0.9999));
        double[] stream = new double[200_001];
        Arrays.fill(stream, 1.00001);
        stream[0] = 1;
        assertThat((1 - 0.9999) * (1.00001 - 1)).isLessThan(Math.ulp(1f) / 2);
        assertThat(Scalars.f32(ema, stream)[200_000]).isEqualTo(1);
        double exact = 1.00001 - 0.00001 * Math.pow(0.9999, 200_000);
        assertThat(Scalars.f64(ema, stream)[200_000])
                .as("it would stall as well, 1e-12 before the target")
                .isCloseTo(exact, within(2e-12));
    }

    /** Weir emits x; y is the trainer's, from the x that it takes back. */
    @Test
    @DisplayName("A9 schedule-free: a trainer that takes back x in f32 has the golden y")
    void scheduleFreesGoldenYThroughAnF32Stream() {
        double[] golden = {0.5, 0.3625, 0.2525, 0.16553125};
        Operator operator = Operators.create("schedule-free", Map.of());
        double[] z = new double[golden.length];
        float weights = 1;
        float y = 1;
        for (int k = 0; k < golden.length; k++) {
            weights -= 0.5f * y;
            z[k] = weights;
            float x = (float) Scalars.f32(operator, Arrays.copyOf(z, k + 1))[k];
            y = 0.1f * weights + 0.9f * x;
            assertThat((double) y).as("step %d", k + 1).isCloseTo(golden[k], within(1e-7));
        }
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
