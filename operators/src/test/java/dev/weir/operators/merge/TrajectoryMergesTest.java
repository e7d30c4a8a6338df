package dev.weir.operators.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.weir.operators.PowerProfile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each merge of one run's checkpoints keeps beside the contract. */
final class TrajectoryMergesTest {
    private static final long SEED = 20_261_126;

    @Test
    @DisplayName("A7 post-hoc-ema: golden coefficients, divided by their sum")
    void a7GoldenCoefficients() {
        double[] golden = {
            -0.000562035, -0.013147866, -0.077958372, -0.264061971, 0.001944069, 0.038019967, 0.200408640, 1.115357568
        };
        double[] row = postHoc(0.15, 1024, 2048, 3072, 4096);
        assertThat(row).containsExactly(golden, within(1e-8));
        assertThat(Arrays.stream(row).sum()).as("0.963 without").isCloseTo(1, within(1e-14));
    }

    @ParameterizedTest
    @CsvSource({"0.05,3", "0.1,7"})
    @DisplayName("A7 post-hoc-ema: a width that was tracked gives its newest snapshot")
    void a7ATrackedWidthGivesItsSnapshot(double sigmaRel, int snapshot) {
        double[] expected = new double[8];
        expected[snapshot] = 1;
        assertThat(postHoc(sigmaRel, 1024, 2048, 3072, 4096)).containsExactly(expected, within(1e-12));
    }

    @ParameterizedTest
    @CsvSource({
        "0.15,4,0.106",
        "0.15,8,0.033",
        "0.15,16,0.0090",
        "0.15,32,0.0023",
        "0.15,64,0.00058",
        "0.2,4,0.22",
        "0.2,8,0.078",
        "0.2,16,0.023",
        "0.2,32,0.0065",
        "0.2,64,0.0017"
    })
    @DisplayName("A7 post-hoc-ema: the profile's error falls with the number of snapshots, as measured")
    void a7TheProfilesErrorIsThatOfTheTable(double sigmaRel, int snapshots, double error) {
        int horizon = 4_096;
        long[] times = new long[snapshots];
        for (int i = 0; i < snapshots; i++) {
            times[i] = (long) horizon * (i + 1) / snapshots;
        }
        double[] row = postHoc(sigmaRel, times);
        double[] wanted = profile(PowerProfile.gamma(sigmaRel), horizon, horizon);
        double[] made = new double[horizon];
        for (int i = 0; i < row.length; i++) {
            double[] one = profile(PowerProfile.gamma(i < snapshots ? 0.05 : 0.1), times[i % snapshots], horizon);
            for (int t = 0; t < horizon; t++) {
                made[t] += row[i] * one[t];
            }
        }
        double difference = 0;
        double length = 0;
        for (int t = 0; t < horizon; t++) {
            difference += (made[t] - wanted[t]) * (made[t] - wanted[t]);
            length += wanted[t] * wanted[t];
        }
        assertThat(Math.sqrt(difference / length)).isCloseTo(error, within(0.06 * error));
    }

    @Test
    @DisplayName("A7 post-hoc-ema: what all snapshots share stays what it is")
    void a7AConstantStaysWhatItIs() {
        double[] one = models(1, 100)[0];
        assertThat(Vectors.f64(Vectors.create("post-hoc-ema", Map.of()), one, one, one, one))
                .isEqualTo(one);
    }

    @Test
    @DisplayName("A7 post-hoc-ema: profiles with other steps, and steps beyond the asked one, are refused")
    void a7StepsThatDoNotGoTogetherAreRefused() {
        LinearMerge merge = (LinearMerge) Vectors.create("post-hoc-ema", Map.of());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> merge.coefficients(new Models(4, List.of(1L, 2L, 1L, 3L), List.of("w"), List.of())))
                .withMessageContaining("snapshot 4 is of step 3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> merge.coefficients(new Models(3, List.of(), List.of("w"), List.of())))
                .withMessageContaining("3 snapshots of 2 profiles");
        LinearMerge early = (LinearMerge) Vectors.create("post-hoc-ema", Map.of("step", 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> early.coefficients(new Models(4, List.of(), List.of("w"), List.of())))
                .withMessageContaining("setting step: 1 is not the newest");
    }

    @Test
    @DisplayName("A9 schedule-free-x: x from y and z is the x that was tracked")
    void a9XFromYAndZ() {
        Merge merge = Vectors.create("schedule-free-x", Map.of());
        // The golden sequence: y, z and x after four steps.
        assertThat(Vectors.f64(merge, of(0.16553125), of(-0.0575))).containsExactly(of(0.1903125), within(1e-12));
        assertThat(Vectors.f64(Vectors.create("schedule-free-x", Map.of("beta", 1)), of(3), of(7)))
                .containsExactly(3);
    }

    @Test
    @DisplayName("A10 lcsc: one-hot coefficients give that checkpoint bit for bit, and combinations are affine")
    void a10OneHotAndAffine() {
        double[][] models = models(3, 200);
        assertThat(Vectors.f64(Vectors.create("lcsc", Map.of("coefficients", "0,1,0")), models))
                .isEqualTo(models[1]);
        double[] a = Vectors.f64(Vectors.create("lcsc", Map.of("coefficients", "2,-3,2")), models);
        double[] b = Vectors.f64(Vectors.create("lcsc", Map.of("coefficients", "0.5,0.75,-0.25")), models);
        double[] both = Vectors.f64(Vectors.create("lcsc", Map.of("coefficients", "0.875,-0.1875,0.3125")), models);
        for (int i = 0; i < both.length; i++) {
            assertThat(both[i]).isCloseTo(0.25 * a[i] + 0.75 * b[i], within(1e-14));
        }
    }

    @Test
    @DisplayName("A10 lcsc: coefficients that do not sum to 1 are refused")
    void a10OtherSumsAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        Vectors.f64(Vectors.create("lcsc", Map.of("coefficients", "0.5,0.5,0.5")), of(1), of(2), of(3)))
                .withMessageContaining("sum 1.5");
    }

    @Test
    @DisplayName("A11 swad: on a V-shaped loss it averages segments 4 to 9")
    void a11AVShapedLoss() {
        // Falls to segment 4, then rises; 1.3 times the mean of segments 4, 5, 6 is first exceeded for good at 10.
        double[] losses = {10, 8, 6, 4, 2, 2.1, 2.2, 2.3, 2.4, 2.5, 2.8, 3.5, 4, 4.5, 5, 5.5, 6, 6.5};
        double[] row = swad(losses, Map.of());
        for (int i = 0; i < row.length; i++) {
            assertThat(row[i]).as("segment " + i).isEqualTo(i >= 4 && i <= 9 ? 1 / 6.0 : 0);
        }
    }

    @Test
    @DisplayName(
            "A11 swad: over segments of two checkpoints it is the mean of the segments' means; a loss for each is needed")
    void a11Segments() {
        Merge merge = Vectors.create("swad", Map.of("losses", "3,1,2,2.5", "segment", 2));
        assertThat(Vectors.row(merge, 8, "w"))
                .containsExactly(0, 0, 1 / 6.0, 1 / 6.0, 1 / 6.0, 1 / 6.0, 1 / 6.0, 1 / 6.0);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Vectors.row(merge, 7, "w"))
                .withMessageContaining("4 losses for 7 checkpoints in segments of 2");
    }

    @Test
    @DisplayName("A11 swad: is the rule as stated, over random losses")
    void a11IsTheRuleAsStated() {
        Random random = new Random(SEED);
        for (int round = 0; round < 500; round++) {
            double[] losses =
                    random.doubles(30, 1, 2).map(v -> Math.round(v * 8) / 8.0).toArray();
            int[] segments = stated(losses, 3, 6, 1.05);
            double[] row = swad(losses, Map.of("tolerance", 1.05));
            for (int i = 0; i < row.length; i++) {
                boolean inside = i >= segments[0] && i < segments[1];
                assertThat(row[i])
                        .as("round %d of seed %d, segment %d", round, SEED, i)
                        .isEqualTo(inside ? 1.0 / (segments[1] - segments[0]) : 0);
            }
        }
    }

    @Test
    @DisplayName("A11 swad: on a falling loss it never begins, and takes the newest segment")
    void a11AFallingLoss() {
        LinearMerge merge = (LinearMerge) Vectors.create("swad", Map.of("losses", "5,4,3,2,1"));
        Coefficients made = merge.coefficients(new Models(5, List.of(), List.of("w"), List.of()));
        assertThat(made.of(0)).containsExactly(0, 0, 0, 0, 1);
        assertThat(made.counts()).containsEntry("not-converged", 1L);
    }

    private static double[] postHoc(double sigmaRel, long... times) {
        List<Long> steps = new ArrayList<>();
        for (int profile = 0; profile < 2; profile++) {
            for (long time : times) {
                steps.add(time);
            }
        }
        LinearMerge merge = (LinearMerge) Vectors.create("post-hoc-ema", Map.of("sigma-rel", sigmaRel));
        return merge.coefficients(new Models(steps.size(), steps, List.of("w"), List.of()))
                .of(0);
    }

    /** Weights of steps 1 to t of a power-function average at time t. */
    private static double[] profile(double gamma, long t, int horizon) {
        double[] weights = new double[horizon];
        for (int i = 1; i <= t; i++) {
            weights[i - 1] = Math.pow((double) i / t, gamma + 1) - Math.pow((i - 1.0) / t, gamma + 1);
        }
        return weights;
    }

    private static double[] swad(double[] losses, Map<String, ?> more) {
        Map<String, Object> settings = new java.util.HashMap<>(more);
        settings.put("losses", Arrays.stream(losses).mapToObj(String::valueOf).collect(Collectors.joining(",")));
        return Vectors.row(Vectors.create("swad", settings), losses.length, "w");
    }

    /** The settled rule, written as it reads: first and behind the last segment; the newest when there is none. */
    private static int[] stated(double[] losses, int patience, int overfit, double tolerance) {
        for (int s = 0; s + patience <= losses.length; s++) {
            double[] window = Arrays.copyOfRange(losses, s, s + patience);
            if (losses[s] == Arrays.stream(window).min().orElseThrow()) {
                double threshold = tolerance * (Arrays.stream(window).sum() / patience);
                for (int j = s + 1; j + overfit <= losses.length; j++) {
                    if (Arrays.stream(losses, j, j + overfit).min().orElseThrow() > threshold) {
                        return new int[] {s, j};
                    }
                }
                return new int[] {s, losses.length};
            }
        }
        return new int[] {losses.length - 1, losses.length};
    }

    private static double[][] models(int count, int elements) {
        Random random = new Random(SEED);
        double[][] models = new double[count][];
        for (int i = 0; i < count; i++) {
            models[i] = random.doubles(elements, -1, 1).toArray();
        }
        return models;
    }

    private static double[] of(double... values) {
        return values;
    }
}
