package dev.weir.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.weir.operators.setting.Setting;
import dev.weir.schemas.tensor.Dtype;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each average of one run keeps beside its shape's contract. */
final class TrajectoryTest {
    private static final long SEED = 20_261_124;
    private static final double[] RANDOM = new Random(SEED).doubles(40, -1, 1).toArray();

    @Test
    @DisplayName("A1 swa: a mean over a union is the mean of the parts' means, weighed by their counts")
    void a1MeansOfPartsGiveTheMeanOfAll() {
        Operator swa = Operators.create("swa", Map.of());
        double first = last(Scalars.f64(swa, Arrays.copyOf(RANDOM, 12)));
        double rest = last(Scalars.f64(swa, Arrays.copyOfRange(RANDOM, 12, 40)));
        assertThat((12 * first + 28 * rest) / 40).isCloseTo(last(Scalars.f64(swa, RANDOM)), within(1e-15));
    }

    @Test
    @DisplayName("A2 aswa: within an epoch it is A1")
    void a2WithinAnEpochItIsSwa() {
        assertThat(Scalars.f64(Operators.create("aswa", Map.of("epoch-steps", 40)), RANDOM))
                .containsExactly(Scalars.f64(Operators.create("swa", Map.of()), RANDOM));
    }

    @Test
    @DisplayName("A2 aswa: at an epoch's end the mean begins again")
    void a2BeginsAgainAtAnEpochsEnd() {
        assertThat(Scalars.f64(Operators.create("aswa", Map.of("epoch-steps", 3)), 1, 2, 3, 10, 20))
                .containsExactly(1, 1.5, 2, 10, 15);
    }

    @Test
    @DisplayName("A5 online-ensemble: weights decay^-t are the bias-corrected EMA")
    void a5ExponentialWeightsAreTheBiasCorrectedEma() {
        Operator ensemble = Operators.create("online-ensemble", Map.of("weighting", "exponential", "decay", 0.9));
        Operator ema = Operators.create("ema", Map.of("decay", 0.9, "bias-correction", true));
        assertThat(Scalars.f64(ensemble, RANDOM)).containsExactly(Scalars.f64(ema, RANDOM), within(1e-14));
    }

    @Test
    @DisplayName("A5 online-ensemble: no weight overflows where decay^-t would")
    void a5ALongStreamDoesNotOverflow() {
        Operator ensemble = Operators.create("online-ensemble", Map.of("weighting", "exponential", "decay", 0.99));
        double[] stream =
                IntStream.range(0, 20_000).mapToDouble(i -> i < 10_000 ? 1 : 3).toArray();
        assertThat(last(Scalars.f32(ensemble, stream))).isCloseTo(3, within(1e-3));
    }

    @ParameterizedTest
    @CsvSource({"uniform,2.5", "linear,3", "quadratic,3.3333333333333335"})
    @DisplayName("A5 online-ensemble: polynomial weights")
    void a5PolynomialWeights(String weighting, double expected) {
        Operator ensemble = Operators.create("online-ensemble", Map.of("weighting", weighting));
        assertThat(last(Scalars.f64(ensemble, 1, 2, 3, 4))).isCloseTo(expected, within(1e-14));
    }

    @Test
    @DisplayName("A5 online-ensemble: a decay that does nothing is refused")
    void a5ADecayWithoutEffectIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Operators.create("online-ensemble", Map.of("weighting", "linear", "decay", 0.9)))
                .withMessageContaining("decay does nothing");
    }

    @Test
    @DisplayName("A6 switch-ema: after a switch an equal checkpoint leaves the average as it is, bit for bit")
    void a6AnEqualCheckpointLeavesTheAverageAsItIs() {
        Operator sema = Operators.create("switch-ema", Map.of("decay", 0.97));
        double[] means = Scalars.f32(sema, 0.1, 0.7, 0.3);
        double[] switched = Scalars.f32(sema, 0.1, 0.7, 0.3, means[2]);
        assertThat(switched[3]).isEqualTo(means[2]);
    }

    @Test
    @DisplayName("A6 switch-ema: without switches it is A4, with a decay of 0 plain training")
    void a6WithoutSwitchesItIsAnEma() {
        assertThat(Scalars.f64(Operators.create("switch-ema", Map.of("decay", 0.9)), RANDOM))
                .containsExactly(Scalars.f64(Operators.create("ema", Map.of("decay", 0.9)), RANDOM));
        assertThat(Scalars.f64(Operators.create("switch-ema", Map.of("decay", 0)), RANDOM))
                .containsExactly(RANDOM);
    }

    @Test
    @DisplayName("A6 switch-ema: warm-ups end at the decay")
    void a6WarmUpsEndAtTheDecay() {
        SwitchEma linear = new SwitchEma(0.9999, "linear", 100, 0.9);
        SwitchEma exponential = new SwitchEma(0.9999, "exponential", 100, 0.9);
        assertThat(linear.decayAt(50)).isCloseTo(0.9999 * 0.95, within(1e-15));
        assertThat(exponential.decayAt(50)).isCloseTo(0.9999 * Math.sqrt(0.9), within(1e-15));
        assertThat(linear.decayAt(100)).isEqualTo(0.9999);
        assertThat(exponential.decayAt(100)).isEqualTo(0.9999);
    }

    @Test
    @DisplayName("A8 lawa: a window of 1 is the identity, and after many turns nothing has drifted")
    void a8TheRingIsTheMeanOfItsMembers() {
        assertThat(Scalars.f32(Operators.create("lawa", Map.of("window", 1)), 1, 5, 2))
                .containsExactly(1, 5, 2);
        double[] stream = new double[10_000];
        Arrays.fill(stream, 1e8);
        stream[9_998] = 1;
        stream[9_999] = 3;
        assertThat(last(Scalars.f32(Operators.create("lawa", Map.of("window", 2)), stream)))
                .isEqualTo(2);
    }

    @Test
    @DisplayName("A8 windowed-swa: the mean of equal windows is the mean over all their samples")
    void a8WindowsMeansGiveTheMeanOverTheirSamples() {
        Operator windowed = Operators.create("windowed-swa", Map.of("window", 10, "every", 2, "windows", 3));
        double sum = 0;
        for (int i = 10; i < 40; i += 2) {
            sum += RANDOM[i];
        }
        assertThat(last(Scalars.f64(windowed, RANDOM))).isCloseTo(sum / 15, within(1e-15));
    }

    @Test
    @DisplayName("A8 windowed-swa: a window that is not complete does not show, but for the first")
    void a8OnlyCompleteWindowsShow() {
        assertThat(Scalars.f64(
                        Operators.create("windowed-swa", Map.of("window", 2, "every", 1, "windows", 2)),
                        1,
                        3,
                        100,
                        5,
                        7,
                        9))
                .containsExactly(1, 2, 2, (2 + 52.5) / 2, (2 + 52.5) / 2, (52.5 + 8) / 2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Operators.create("windowed-swa", Map.of("window", 7, "every", 2)))
                .withMessageContaining("no multiple of every");
    }

    @Test
    @DisplayName("A9 schedule-free: golden numbers of SGD on y^2 / 2, x from z")
    void a9GoldenNumbers() {
        double[] z = new double[5];
        double[] x = new double[5];
        double y = 1;
        z[0] = 1;
        x[0] = 1;
        double[] goldenX = {1, 0.5, 0.375, 0.272916667, 0.1903125};
        double[] goldenY = {1, 0.5, 0.3625, 0.2525, 0.16553125};
        for (int k = 1; k < 5; k++) {
            z[k] = z[k - 1] - 0.5 * y;
            x[k] = last(Scalars.f64(Operators.create("schedule-free", Map.of()), Arrays.copyOfRange(z, 1, k + 1)));
            y = 0.1 * z[k] + 0.9 * x[k];
            assertThat(x[k]).isCloseTo(goldenX[k], within(1e-9));
            assertThat(y).isCloseTo(goldenY[k], within(1e-9));
        }
        assertThat(Scalars.f32(Operators.create("schedule-free", Map.of()), z[1], z[2], z[3], z[4]))
                .containsExactly(Arrays.copyOfRange(goldenX, 1, 5), within(1e-7));
    }

    @Test
    @DisplayName("A11 sma: copies until its step, and counts the first checkpoint of the mean once")
    void a11SmaCountsTheFirstCheckpointOnce() {
        assertThat(Scalars.f64(Operators.create("sma", Map.of("from-step", 3)), 7, 8, 1, 2, 6))
                .as("1.25 and 2.5 if the first counted twice")
                .containsExactly(7, 8, 1, 1.5, 3);
    }

    @Test
    @DisplayName("A11 wakd: from its step on it is A1")
    void a11WakdIsSwaFromItsStep() {
        double[] wakd = Scalars.f64(Operators.create("wakd", Map.of("from-step", 11)), RANDOM);
        double[] swa = Scalars.f64(Operators.create("swa", Map.of("from-step", 11)), RANDOM);
        assertThat(Arrays.copyOfRange(wakd, 10, 40)).containsExactly(swa);
    }

    @Test
    @DisplayName("A12 cotta: published settings are the defaults, not those of the code's constructor")
    void a12PublishedSettingsAreTheDefaults() {
        assertThat(byDefault("cotta-teacher", "decay")).isEqualTo(0.999);
        assertThat(byDefault("cotta-restore", "probability")).isEqualTo(0.01);
        assertThat(Scalars.f64(Operators.create("cotta-teacher", Map.of()), RANDOM))
                .containsExactly(Scalars.f64(Operators.create("ema", Map.of("decay", 0.999)), RANDOM));
    }

    @Test
    @DisplayName("A13 consistency-teacher: passes through bit for bit, beside another average that shares nothing")
    void a13PassesThroughBitForBit() {
        Operator teacher = Operators.create("consistency-teacher", Map.of());
        float[] odd = {-0.0f, 0.1f, Float.MIN_VALUE, 1e30f};
        double[] stream =
                IntStream.range(0, odd.length).mapToDouble(i -> odd[i]).toArray();
        double[] passed = Scalars.f32(teacher, stream);
        for (int i = 0; i < stream.length; i++) {
            assertThat(Double.doubleToRawLongBits(passed[i])).isEqualTo(Double.doubleToRawLongBits(stream[i]));
        }
        Operator evaluation = Operators.create("consistency-teacher", Map.of("decay", 0.5));
        assertThat(Scalars.f64(evaluation, 0, 4)).containsExactly(0, 2);
        assertThat(Scalars.f64(teacher, 0, 4)).containsExactly(0, 4);
    }

    @Test
    @DisplayName("A14 weight-centre: the mean of the epochs")
    void a14IsTheMeanOfTheEpochs() {
        assertThat(Scalars.f64(Operators.create("weight-centre", Map.of("every", 3)), 1, 9, 9, 3, 9, 9, 8))
                .containsExactly(1, 2, 4);
    }

    @Test
    @DisplayName("A15 kalman: without process noise and with equal losses it is the plain mean")
    void a15WithoutProcessNoiseItIsThePlainMean() {
        assertThat(Scalars.f64(Operators.create("kalman", Map.of("process-noise", 0)), RANDOM))
                .containsExactly(Scalars.f64(Operators.create("swa", Map.of()), RANDOM), within(1e-14));
    }

    @ParameterizedTest
    @CsvSource({"0.01,0.095124922", "0.3,0.417890835", "4,0.828427125"})
    @DisplayName("A15 kalman: its gain tends to that of an EMA")
    void a15TheGainTendsToThatOfAnEma(double processNoise, double gain) {
        Operator kalman = Operators.create("kalman", Map.of("process-noise", processNoise, "measurement-noise", 1));
        Progress progress = Progress.START;
        double share = 0;
        for (int i = 1; i <= 500; i++) {
            Step step = kalman.step(progress, new Checkpoint(i, "run", i));
            progress = step.next();
            share = step.coefficients().getFirst();
            assertThat(progress.weight()).as("P").isPositive();
        }
        assertThat(share).isCloseTo(gain, within(1e-9));
    }

    @Test
    @DisplayName("A15 kalman: a checkpoint with a larger loss counts less, whatever the unit of the losses")
    void a15LargerLossesCountLess() {
        double[] equal = Scalars.f64(Operators.create("kalman", Map.of("losses", "2")), 0, 1);
        double[] larger = Scalars.f64(Operators.create("kalman", Map.of("losses", "2,20")), 0, 1);
        double[] unit = Scalars.f64(Operators.create("kalman", Map.of("losses", "0.5,5")), 0, 1);
        assertThat(larger[1]).isLessThan(equal[1]).isCloseTo(1.01 / 11.01, within(1e-15));
        assertThat(unit).containsExactly(larger);
    }

    @Test
    @DisplayName("A15 kalman: a loss below 1e-12 counts as 1e-12, also that of the first checkpoint")
    void a15ALossHasAFloor() {
        Map<String, ?> zeros = Map.of("process-noise", 0, "losses", "0");
        assertThat(Scalars.f64(Operators.create("kalman", zeros), RANDOM))
                .as("all at the floor are all alike")
                .containsExactly(Scalars.f64(Operators.create("kalman", Map.of("process-noise", 0)), RANDOM));
        double[] later = Scalars.f64(Operators.create("kalman", Map.of("process-noise", 0, "losses", "1,0")), 0, 1);
        assertThat(later[1]).isLessThan(1).isCloseTo(1 / (1 + 1e-12), within(1e-16));
        assertThat(Scalars.f64(Operators.create("kalman", Map.of("process-noise", 0, "losses", "1,1e-13")), 0, 1))
                .containsExactly(later);
        double[] first = Scalars.f64(Operators.create("kalman", Map.of("process-noise", 0, "losses", "0,1")), 0, 1);
        assertThat(first[1]).isCloseTo(1 / (1 + 1e12), within(1e-24));
    }

    @Test
    @DisplayName("B4 diwa: a run that comes again does not count twice")
    void b4ARunCountsOnce() {
        Operator diwa = Operators.create("diwa", Map.of());
        Step first = diwa.step(Progress.START, new Checkpoint(1, "a", 5));
        Step again = diwa.step(first.next(), new Checkpoint(2, "a", 9));
        Step other = diwa.step(again.next(), new Checkpoint(3, "b", 5));
        assertThat(again.enters()).isFalse();
        assertThat(other.coefficients()).containsExactly(1.0, 2.0);
    }

    @Test
    @DisplayName("B15 dcwa: layers and channels as components give the same mean, and one copy is the identity")
    void b15LayersAndChannelsGiveTheSameMean() {
        Random random = new Random(SEED);
        double[][][] layers = new double[5][1][];
        double[][][] channels = new double[5][][];
        for (int copy = 0; copy < 5; copy++) {
            double[] layer = random.doubles(12, -1, 1).toArray();
            layers[copy][0] = layer;
            channels[copy] = new double[][] {
                Arrays.copyOfRange(layer, 0, 4), Arrays.copyOfRange(layer, 4, 8), Arrays.copyOfRange(layer, 8, 12)
            };
        }
        // A channel's copies have numbers of their own: those of the second come in another order.
        for (int copy = 0; copy < 5; copy++) {
            channels[copy][1] = Arrays.copyOfRange(layers[(copy + 2) % 5][0], 4, 8);
        }
        Operator dcwa = Operators.create("dcwa", Map.of());
        for (Dtype dtype : List.of(Dtype.F32, Dtype.BF16)) {
            Models.Folded whole = Models.of(dcwa, dtype).many(layers);
            assertThat(whole.newest())
                    .containsExactly(Models.of(dcwa, dtype).many(channels).newest());
            assertThat(whole.after(0))
                    .as("one copy")
                    .containsExactly(Models.of(Operators.create("ema", Map.of("decay", 0)), dtype)
                            .many(layers[0])
                            .newest());
        }
    }

    @Test
    @DisplayName("integer counters are not truncated by an average: they are copied")
    void integerCountersAreCopied() {
        // A truncating EMA of 1..1000 with a decay of 0.999 ends at 1.
        assertThat(TensorPolicy.of(
                        new dev.weir.schemas.tensor.TensorSpec(
                                "num_batches_tracked", dev.weir.schemas.tensor.Dtype.I64, java.util.List.of()),
                        java.util.List.of()))
                .isEqualTo(TensorPolicy.COPY_LATEST);
    }

    private static Object byDefault(String operator, String setting) {
        return Operators.spec(operator).settings().stream()
                .filter(one -> one.name().equals(setting))
                .map(Setting::byDefault)
                .findFirst()
                .orElseThrow();
    }

    private static double last(double[] values) {
        return values[values.length - 1];
    }
}
