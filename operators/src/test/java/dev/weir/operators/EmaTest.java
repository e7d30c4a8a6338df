package dev.weir.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.schemas.tensor.Dtype;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Golden numbers computed in f64 by a second program; the stream's f32 stays within its rounding of them. */
final class EmaTest {
    private static final double[] ONE_TO_SIX = {1, 2, 3, 4, 5, 6};

    @Test
    void constantDecayGivesTheGoldenNumbers() {
        double[] golden = {1, 1.1, 1.29, 1.561, 1.9049, 2.31441};
        Operator ema = Operators.create("ema", Map.of("decay", 0.9));
        assertThat(Scalars.f64(ema, ONE_TO_SIX)).containsExactly(golden, within(1e-14));
        assertThat(Scalars.f32(ema, ONE_TO_SIX)).containsExactly(golden, within(1e-6));
    }

    /** An average that is kept in bf16 never leaves 1: a step is smaller than half of what it can tell apart there. */
    @Test
    void anAverageOfBf16DoesNotStall() {
        double[][] stream = new double[20_001][];
        Arrays.fill(stream, new double[] {1.5});
        stream[0] = new double[] {1};
        Operator ema = Operators.create("ema", Map.of("decay", 0.9999));
        double exact = 1.5 - 0.5 * Math.pow(0.9999, 20_000);
        assertThat(exact).isCloseTo(1.432, within(5e-4));
        double[] flat = Arrays.stream(stream).mapToDouble(model -> model[0]).toArray();
        assertThat(Scalars.f64(ema, flat)[20_000]).isCloseTo(exact, within(1e-12));
        assertThat(Scalars.f32(ema, flat)[20_000]).isCloseTo(exact, within(1e-4));
        assertThat(Models.of(ema, Dtype.BF16).one(stream).newest())
                .as("the nearest number of bf16")
                .containsExactly(Math.rint(exact * 128) / 128);
    }

    @Test
    void biasCorrectionGivesTheGoldenNumbers() {
        double[] golden = {1, 1.526315789, 2.070110701, 2.631288165, 3.209714048, 3.805217699};
        Operator ema = Operators.create("ema", Map.of("decay", "0.9", "bias-correction", "true"));
        assertThat(Scalars.f64(ema, ONE_TO_SIX)).containsExactly(golden, within(1e-9));
        assertThat(Scalars.f32(ema, ONE_TO_SIX)).containsExactly(golden, within(2e-6));
    }

    @Test
    void warmUpGivesTheGoldenDecays() {
        long[] steps = {101, 102, 110, 1101, 31_723, 1_000_102};
        double[] golden = {0, 0.370039475, 0.784556531, 0.990006661, 0.999000005, 0.9999};
        for (int i = 0; i < steps.length; i++) {
            assertThat(Ema.warmUpDecay(steps[i], 100, 1, 2.0 / 3, 0, 0.9999)).isCloseTo(golden[i], within(1e-9));
        }
    }

    @Test
    void warmUpOfPowerOneIsThePlainMean() {
        Operator ema = Operators.create("ema", Map.of("decay", "0.9999", "warm-up", "true", "power", "1"));
        assertThat(Scalars.f64(ema, ONE_TO_SIX)).containsExactly(new double[] {1, 1.5, 2, 2.5, 3, 3.5}, within(1e-14));
    }

    @Test
    void tensorFlowsWarmUpGivesTheGoldenNumbers() {
        double[] golden = {
            1, 1.8181818181818181, 2.7045454545454546, 3.6013986013986012, 4.500499500499501, 5.400199800199800
        };
        Operator ema = Operators.create("ema", Map.of("decay", "0.9999", "warm-up-offset", "10"));
        assertThat(Scalars.f64(ema, ONE_TO_SIX)).containsExactly(golden, within(1e-14));
        assertThat(Scalars.f32(ema, ONE_TO_SIX)).containsExactly(golden, within(2e-6));
        Operator bounded = Operators.create("ema", Map.of("decay", "0.25", "warm-up-offset", "10"));
        double third = 2.7045454545454546;
        assertThat(Scalars.f64(bounded, 1, 2, 3, 4))
                .as("decays 2 / 11, 3 / 12 = 0.25, then the bound")
                .containsExactly(new double[] {1, 20 / 11.0, third, third + 0.75 * (4 - third)}, within(1e-14));
    }

    @Test
    void aHalfLifeWithARampGivesTheGoldenDecays() {
        Operator ema = Operators.create("ema", Map.of("half-life", 100, "half-life-ramp", 0.09));
        // Steps 100, 200, 600, 2000 and 2100: half-lives of 18, 54, 100 and 100 steps over 100, 400, 1400 and 100.
        long[] steps = {100, 200, 600, 2_000, 2_100};
        double[] golden = {0, 0.021262343752724643, 0.005890446017200729, 6.103515625e-05, 0.5};
        Progress progress = Progress.START;
        for (int i = 0; i < steps.length; i++) {
            Step step = ema.step(progress, new Checkpoint(i + 1L, "a", steps[i]));
            assertThat(1 - step.coefficients().get(0)).as("step %d", steps[i]).isCloseTo(golden[i], within(1e-12));
            progress = step.next();
        }
    }

    @Test
    void theRampOfSeveralRunsCountsTheStepsOfEach() {
        Operator ema = Operators.create("ema", Map.of("half-life", 1e9, "half-life-ramp", 0.5));
        Progress progress = ema.step(Progress.START, new Checkpoint(1, "a", 10)).next();
        progress = ema.step(progress, new Checkpoint(2, "b", 10)).next();
        Step third = ema.step(progress, new Checkpoint(3, "b", 20));
        assertThat(third.coefficients())
                .as("10 steps at a half-life of 0.5 x 20")
                .containsExactly(0.5);
        Step fourth = ema.step(third.next(), new Checkpoint(4, "a", 20));
        assertThat(fourth.coefficients())
                .as("10 steps at one of 0.5 x 30")
                .containsExactly(1 - StrictMath.pow(0.5, 10 / 15.0));
    }

    @Test
    void aRampOfNoStepsCopies() {
        Operator ema = Operators.create("ema", Map.of("half-life", 7, "half-life-ramp", 1e-6));
        Progress progress = ema.step(Progress.START, new Checkpoint(1, "a", 0)).next();
        assertThat(ema.step(progress, new Checkpoint(2, "a", 1)).coefficients()).containsExactly(1.0);
    }

    @Test
    void halfLifeHalvesThePastOverItsSteps() {
        Operator ema = Operators.create("ema", Map.of("half-life", 10));
        Progress progress =
                ema.step(Progress.START, new Checkpoint(1, "a", 100)).next();
        assertThat(ema.step(progress, new Checkpoint(2, "a", 110)).coefficients())
                .containsExactly(0.5);
    }

    @Test
    void halfLifeOverTwoGapsIsHalfLifeOverTheirSum() {
        Operator ema = Operators.create("ema", Map.of("half-life", 7));
        Progress first = ema.step(Progress.START, new Checkpoint(1, "a", 100)).next();
        Step toward = ema.step(first, new Checkpoint(2, "a", 103));
        Step further = ema.step(toward.next(), new Checkpoint(3, "a", 111));
        Step atOnce = ema.step(first, new Checkpoint(2, "a", 111));
        double twice = 1
                - (1 - toward.coefficients().get(0))
                        * (1 - further.coefficients().get(0));
        assertThat(twice).isCloseTo(atOnce.coefficients().get(0), within(1e-15));
    }

    @Test
    void halfLifeCountsTheStepsOfEachRun() {
        Operator ema = Operators.create("ema", Map.of("half-life", 10));
        Progress progress = ema.step(Progress.START, new Checkpoint(1, "a", 10)).next();
        Step other = ema.step(progress, new Checkpoint(2, "b", 10));
        assertThat(other.coefficients())
                .as("a second run at the same step brings nothing new")
                .containsExactly(0.0);
        assertThat(ema.step(other.next(), new Checkpoint(3, "b", 20)).coefficients())
                .containsExactly(0.5);
    }

    @Test
    void aNewerDecisionOfAnotherRunDecaysLikeOneOfItsOwn() {
        Operator ema = Operators.create("ema", Map.of("decay", 0.75));
        Progress progress = ema.step(Progress.START, new Checkpoint(1, "a", 10)).next();
        assertThat(ema.step(progress, new Checkpoint(9, "b", 3)).coefficients()).containsExactly(0.25);
    }
}
