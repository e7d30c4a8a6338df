package dev.weir.operators.flip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Golden numbers: operators.md, section 11. */
@DisplayName("N flips: intervals and tests")
final class IntervalsAndTestsTest {

    private static final Offset<Double> SIX_DIGITS = within(5e-7);

    @Test
    void wilsonHasItsGoldenNumbers() {
        assertInterval(Wilson.interval(0, 100, 0.95), 0, 0.036993);
        assertInterval(Wilson.interval(5, 200, 0.95), 0.010725, 0.057178);
        assertInterval(Wilson.interval(20, 1000, 0.95), 0.012984, 0.030690);
    }

    /** Sums of the binomial distribution, p from 0.005 to 0.3 by thousandths. */
    @ParameterizedTest
    @ValueSource(ints = {100, 200, 1000, 3000})
    void wilsonHoldsTheTruthAsOftenAsItSays(int trials) {
        Interval[] intervals = new Interval[trials + 1];
        for (int k = 0; k <= trials; k++) {
            intervals[k] = Wilson.interval(k, trials, 0.95);
        }
        double sum = 0;
        for (int thousandths = 5; thousandths <= 300; thousandths++) {
            double p = thousandths / 1000.0;
            double logarithm = trials * Math.log1p(-p);
            double coverage = 0;
            for (int k = 0; k <= trials; k++) {
                if (intervals[k].lower() <= p && p <= intervals[k].upper()) {
                    coverage += Math.exp(logarithm);
                }
                logarithm += Math.log((trials - k) / (k + 1.0)) + Math.log(p / (1 - p));
            }
            assertThat(coverage).as("p = %s", p).isBetween(0.9, 0.995);
            sum += coverage;
        }
        assertThat(sum / 296).isCloseTo(0.95, within(0.003));
    }

    @Test
    void wilsonIsClampedAndMirrored() {
        assertThat(Wilson.interval(0, 7, 0.95).lower()).isEqualTo(0);
        assertThat(Wilson.interval(7, 7, 0.95).upper()).isEqualTo(1);
        Interval few = Wilson.interval(3, 50, 0.9);
        Interval many = Wilson.interval(47, 50, 0.9);
        assertThat(few.lower()).isCloseTo(1 - many.upper(), within(1e-15));
        assertThat(few.upper()).isCloseTo(1 - many.lower(), within(1e-15));
    }

    @Test
    void wilsonWithoutTrialsKnowsNothing() {
        assertThat(Wilson.interval(0, 0, 0.95)).isEqualTo(new Interval(0, 1));
    }

    @Test
    void wilsonNamesWhatItRefuses() {
        assertThatThrownBy(() -> Wilson.interval(3, 2, 0.95)).hasMessage("successes: 3 of 2; allowed: 0 to 2");
        for (double confidence : new double[] {0, 1, -1, 95, Double.NaN}) {
            assertThatThrownBy(() -> Wilson.interval(1, 2, confidence))
                    .hasMessage("confidence: " + confidence + "; allowed: between 0 and 1");
        }
    }

    @Test
    void mcNemarHasItsGoldenNumbers() {
        assertThat(McNemar.exact(3, 9)).isCloseTo(0.145996, SIX_DIGITS);
        assertThat(McNemar.midP(3, 9)).isCloseTo(0.092285, SIX_DIGITS);
    }

    @Test
    void mcNemarHasNothingToSayOfEqualCounts() {
        for (long flips : new long[] {0, 1, 2, 1000, 10_000_000}) {
            assertThat(McNemar.exact(flips, flips)).isEqualTo(1);
            assertThat(McNemar.midP(flips, flips)).isEqualTo(1);
        }
    }

    @Test
    void mcNemarHoldsForLargeCounts() {
        // By scipy.stats.binomtest.
        assertThat(McNemar.exact(9_990_000, 10_010_000)).isCloseTo(7.752307557546872e-06, within(1e-15));
        assertThat(McNemar.exact(0, 10_000_000)).isEqualTo(0);
        assertThat(McNemar.exact(0, 1000)).isCloseTo(Math.scalb(1.0, -999), within(Math.scalb(1.0, -1030)));
    }

    @Test
    void mcNemarNamesWhatItRefuses() {
        assertThatThrownBy(() -> McNemar.exact(-1, 2)).hasMessage("flips: -1 positive, 2 negative; allowed: 0 or more");
    }

    @Test
    void holmRaisesPValuesInOrder() {
        assertThat(Holm.adjust(new double[] {0.04, 0.01, 0.03, 0.9})).containsExactly(0.09, 0.04, 0.09, 0.9);
        assertThat(Holm.adjust(new double[0])).isEmpty();
    }

    private static void assertInterval(Interval interval, double lower, double upper) {
        assertThat(interval.lower()).isCloseTo(lower, SIX_DIGITS);
        assertThat(interval.upper()).isCloseTo(upper, SIX_DIGITS);
    }
}
