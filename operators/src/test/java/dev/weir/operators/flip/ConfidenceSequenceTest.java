package dev.weir.operators.flip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("N flips: confidence sequence")
final class ConfidenceSequenceTest {

    /** Computed with 60 digits from C(2k, k) C(2m, m) / (4^n C(n, k)), m = n − k, which the averaged likelihood is. */
    @ParameterizedTest
    @CsvSource({
        "0, 100, 0.95, 0, 0.057028597638771863",
        "5, 200, 0.95, 0.003264399365692820, 0.082474889800631722",
        "20, 1000, 0.95, 0.007818989084869271, 0.040635405895268746",
        "500, 1000, 0.95, 0.442418385676630774, 0.557581614323369225",
        "150, 10000, 0.99, 0.010313322927775161, 0.020904804467505940",
        "3, 50, 0.9, 0.005538517673464479, 0.211945572789155754",
        "1, 1, 0.95, 0.025, 1",
        "0, 1, 0.95, 0, 0.975",
        "7, 7, 0.95, 0.521382876134197295, 1"
    })
    void itHasItsGoldenNumbers(long successes, long trials, double confidence, double lower, double upper) {
        Interval interval = ConfidenceSequence.interval(successes, trials, confidence);
        assertThat(interval.lower()).isCloseTo(lower, within(1e-13));
        assertThat(interval.upper()).isCloseTo(upper, within(1e-13));
    }

    /** The ratio case by case: the next one counts (k + 1/2) / (n + 1) after k of n. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 20_261_124})
    void atItsBoundsTheMixtureReachesOneOverAlpha(long seed) {
        Random random = new Random(seed);
        int trials = 1 + random.nextInt(300);
        int successes = 0;
        double mixture = 0;
        for (int n = 0; n < trials; n++) {
            boolean counts = random.nextInt(10) == 0;
            mixture += Math.log(((counts ? successes : n - successes) + 0.5) / (n + 1));
            successes += counts ? 1 : 0;
        }
        Interval interval = ConfidenceSequence.interval(successes, trials, 0.95);
        for (double p : new double[] {interval.lower(), interval.upper()}) {
            if (p > 0 && p < 1) {
                double likelihood = successes * Math.log(p) + (trials - successes) * Math.log1p(-p);
                assertThat(mixture - likelihood).as("seed %d, p %s", seed, p).isCloseTo(Math.log(20), within(1e-9));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.9, 0.95, 0.99})
    void itHoldsWilsonsInterval(double confidence) {
        for (int trials = 1; trials <= 200; trials++) {
            for (int successes = 0; successes <= trials; successes++) {
                Interval wilson = Wilson.interval(successes, trials, confidence);
                Interval always = ConfidenceSequence.interval(successes, trials, confidence);
                assertThat(always.lower()).as("%d of %d", successes, trials).isLessThanOrEqualTo(wilson.lower());
                assertThat(always.upper()).as("%d of %d", successes, trials).isGreaterThanOrEqualTo(wilson.upper());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 0.05", "2, 0.05", "20261124, 0.2"})
    void lookedAtAfterEachExampleItKeepsTheTruthWhereWilsonsIntervalDoesNot(long seed, double truth) {
        int streams = 300;
        Random random = new Random(seed);
        Map<Long, Boolean> always = new HashMap<>();
        Map<Long, Boolean> wilson = new HashMap<>();
        int keptAlways = 0;
        int keptWilson = 0;
        for (int stream = 0; stream < streams; stream++) {
            long successes = 0;
            boolean inAlways = true;
            boolean inWilson = true;
            for (long trials = 1; trials <= 1000; trials++) {
                successes += random.nextDouble() < truth ? 1 : 0;
                long k = successes;
                long n = trials;
                inAlways = inAlways
                        && always.computeIfAbsent(
                                1001 * n + k, key -> holds(ConfidenceSequence.interval(k, n, 0.95), truth));
                inWilson = inWilson
                        && wilson.computeIfAbsent(1001 * n + k, key -> holds(Wilson.interval(k, n, 0.95), truth));
            }
            keptAlways += inAlways ? 1 : 0;
            keptWilson += inWilson ? 1 : 0;
        }
        assertThat((double) keptAlways / streams).as("seed %d", seed).isGreaterThanOrEqualTo(0.95);
        assertThat((double) keptWilson / streams).as("seed %d", seed).isLessThan(0.8);
    }

    @Test
    void withoutOneKindOfCaseItEndsAtTheEdge() {
        for (int trials : new int[] {1, 10, 1000, 100_000_000}) {
            Interval none = ConfidenceSequence.interval(0, trials, 0.95);
            Interval all = ConfidenceSequence.interval(trials, trials, 0.95);
            assertThat(none.lower()).isEqualTo(0);
            assertThat(all.upper()).isEqualTo(1);
            assertThat(none.upper()).as("%d", trials).isBetween(1.0 / trials / 10, 1.0);
            assertThat(all.lower()).as("%d", trials).isCloseTo(1 - none.upper(), within(1e-15));
        }
        assertThat(ConfidenceSequence.interval(0, 0, 0.95)).isEqualTo(new Interval(0, 1));
    }

    @Test
    void itNamesWhatItRefuses() {
        assertThatThrownBy(() -> ConfidenceSequence.interval(3, 2, 0.95))
                .hasMessage("successes: 3 of 2; allowed: 0 to 2");
        assertThatThrownBy(() -> ConfidenceSequence.interval(1, 2, 1))
                .hasMessage("confidence: 1.0; allowed: between 0 and 1");
    }

    private static boolean holds(Interval interval, double truth) {
        return interval.lower() <= truth && truth <= interval.upper();
    }
}
