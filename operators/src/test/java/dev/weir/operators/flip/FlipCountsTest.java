package dev.weir.operators.flip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("N flips: counts and rates")
final class FlipCountsTest {

    @Test
    void theFlipExampleHasItsGoldenNumbers() {
        int[] before = {2, 1, 0, 2};
        int[] after = {1, 3, 0, 3};
        int[] truth = {3, 3, 0, 2};
        FlipCounts counts = FlipCounts.ZERO;
        for (int i = 0; i < truth.length; i++) {
            counts = counts.plus(FlipCounts.of(truth[i], before[i], after[i]));
        }
        assertThat(counts).isEqualTo(new FlipCounts(1, 1, 1, 1, 1));
        assertThat(counts.negativeFlipRate().value()).hasValue(0.25);
        assertThat(counts.positiveFlipRate().value()).hasValue(0.25);
        assertThat(counts.negativeFlipImpact().value()).hasValue(0.5);
        assertThat(counts.positiveFlipImpact().value()).hasValue(0.5);
        assertThat(counts.churn().value()).hasValue(0.75);
        assertThat(counts.netGain()).hasValue(0);
        assertThat(counts.relativeNegativeFlipRate()).hasValue(1);
        assertThat(counts.positiveToNegative()).hasValue(1);
    }

    @Test
    void withoutExamplesEveryRatioIsUndefined() {
        FlipCounts none = FlipCounts.ZERO;
        assertThat(none.accuracyOld().value()).isEmpty();
        assertThat(none.accuracyNew().value()).isEmpty();
        assertThat(none.negativeFlipRate().value()).isEmpty();
        assertThat(none.positiveFlipRate().value()).isEmpty();
        assertThat(none.negativeFlipImpact().value()).isEmpty();
        assertThat(none.positiveFlipImpact().value()).isEmpty();
        assertThat(none.trustCompatibility().value()).isEmpty();
        assertThat(none.errorCompatibility().value()).isEmpty();
        assertThat(none.churn().value()).isEmpty();
        assertThat(none.netGain()).isEmpty();
        assertThat(none.netGainInterval(0.95)).isEmpty();
        assertThat(none.relativeNegativeFlipRate()).isEmpty();
        assertThat(none.positiveToNegative()).isEmpty();
        assertThat(none.positiveToNegativeSmoothed()).isEqualTo(1);
        assertThat(none.negativeFlipRate().interval(0.95)).isEqualTo(new Interval(0, 1));
    }

    @Test
    void whereAllAreRightTheShareOfErrorsIsUndefined() {
        FlipCounts right = new FlipCounts(9, 0, 0, 0, 0);
        assertThat(right.negativeFlipRate().value()).hasValue(0);
        assertThat(right.negativeFlipImpact().value()).isEmpty();
        assertThat(right.errorCompatibility().value()).isEmpty();
        assertThat(right.relativeNegativeFlipRate()).isEmpty();
        assertThat(right.trustCompatibility().value()).hasValue(1);
        assertThat(right.netGainInterval(0.95)).isEmpty();
    }

    @Test
    void whereTheOldIsNeverRightTheRelativeRateIsUndefined() {
        FlipCounts counts = new FlipCounts(0, 0, 2, 3, 0);
        assertThat(counts.negativeFlipImpact().value()).hasValue(0);
        assertThat(counts.relativeNegativeFlipRate()).isEmpty();
        assertThat(counts.trustCompatibility().value()).isEmpty();
    }

    @Test
    void netGainHasThePairedVariance() {
        FlipCounts counts = new FlipCounts(80, 3, 9, 8, 0);
        double gain = 0.06;
        double half = 1.959963984540054 * Math.sqrt((0.12 - gain * gain) / 100);
        assertThat(counts.netGain()).hasValue(gain);
        Interval interval = counts.netGainInterval(0.95).orElseThrow();
        assertThat(interval.lower()).isCloseTo(gain - half, within(1e-12));
        assertThat(interval.upper()).isCloseTo(gain + half, within(1e-12));
    }

    @Test
    void theImpactMayBeReadAgainstAnotherUpdates() {
        FlipCounts reference = new FlipCounts(0, 8, 0, 8, 0);
        FlipCounts counts = new FlipCounts(0, 2, 0, 6, 0);
        assertThat(counts.negativeFlipImpactAgainst(reference)).hasValue(-0.5);
        assertThat(counts.negativeFlipImpactAgainst(new FlipCounts(5, 0, 0, 5, 0)))
                .isEmpty();
    }

    @Test
    void identitiesHoldForRandomCounts() {
        long seed = 20_261_124;
        Random random = new Random(seed);
        for (int i = 0; i < 1000; i++) {
            FlipCounts counts = new FlipCounts(
                    1 + random.nextInt(999), 1 + random.nextInt(99), random.nextInt(99), random.nextInt(99), 0);
            double nfr = counts.negativeFlipRate().value().orElseThrow();
            double nfi = counts.negativeFlipImpact().value().orElseThrow();
            double before = counts.accuracyOld().value().orElseThrow();
            double after = counts.accuracyNew().value().orElseThrow();
            String printed = "seed " + seed + ", case " + i;
            assertThat(counts.netGain().orElseThrow()).as(printed).isCloseTo(after - before, within(1e-12));
            assertThat(nfr)
                    .as(printed)
                    .isBetween(Math.max(0, before - after) - 1e-12, Math.min(before, 1 - after) + 1e-12);
            assertThat(nfi).as(printed).isCloseTo(nfr / (1 - after), within(1e-9));
            assertThat(counts.relativeNegativeFlipRate().orElseThrow())
                    .as(printed)
                    .isCloseTo(nfr / (before * (1 - after)), within(1e-9));
            assertThat(counts.trustCompatibility().value().orElseThrow())
                    .as(printed)
                    .isCloseTo(1 - nfr / before, within(1e-12));
            assertThat(counts.errorCompatibility().value().orElseThrow())
                    .as(printed)
                    .isCloseTo(1 - nfi, within(1e-12));
        }
    }

    @Test
    void modelsThatChangePlacesChangeTheSignsOfTheirFlips() {
        long seed = 20_261_125;
        Random random = new Random(seed);
        FlipCounts forward = FlipCounts.ZERO;
        FlipCounts backward = FlipCounts.ZERO;
        for (int i = 0; i < 2000; i++) {
            int label = random.nextInt(4);
            int one = random.nextInt(3) > 0 ? label : random.nextInt(4);
            int other = random.nextInt(2) > 0 ? label : random.nextInt(4);
            forward = forward.plus(FlipCounts.of(label, one, other));
            backward = backward.plus(FlipCounts.of(label, other, one));
        }
        String printed = "seed " + seed;
        assertThat(forward.negative()).as(printed).isGreaterThan(forward.positive() + 100);
        assertThat(backward)
                .as(printed)
                .isEqualTo(new FlipCounts(
                        forward.bothRight(),
                        forward.positive(),
                        forward.negative(),
                        forward.bothWrong(),
                        forward.bothWrongChanged()));
        assertThat(backward.negativeFlipRate()).as(printed).isEqualTo(forward.positiveFlipRate());
        assertThat(backward.positiveFlipRate()).as(printed).isEqualTo(forward.negativeFlipRate());
    }

    @Test
    void countsThatCannotBeAreRefused() {
        assertThatThrownBy(() -> new FlipCounts(1, -2, 3, 4, 0))
                .hasMessage("flip counts: 1, -2, 3, 4; allowed: 0 or more");
        assertThatThrownBy(() -> new FlipCounts(1, 2, 3, 4, 5)).hasMessage("bothWrongChanged: 5; allowed: 0 to 4");
        assertThatThrownBy(() -> new FlipCounts(Long.MAX_VALUE, 1, 0, 0, 0)).isInstanceOf(ArithmeticException.class);
    }
}
