package dev.weir.operators.flip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("N flips: two candidates against the same old model")
final class PairedFlipsTest {

    /** McNemar's p of 3 against 9: operators.md, section 11. The interval by hand: −6/40 ± 1.96 √((12/40 − (6/40)²) / 40). */
    @Test
    void threeAgainstNineHasItsGoldenNumbers() {
        PairedFlips flips = PairedFlips.ZERO;
        for (int i = 0; i < 40; i++) {
            boolean both = i < 2;
            boolean first = both || i >= 10 && i < 13;
            boolean second = both || i >= 20 && i < 29;
            flips = flips.plus(PairedFlips.of(1, 1, first ? 0 : 1, second ? 0 : 1));
        }
        assertThat(flips.both()).isEqualTo(2);
        assertThat(flips.onlyFirst()).isEqualTo(3);
        assertThat(flips.onlySecond()).isEqualTo(9);
        assertThat(flips.test().exact()).isCloseTo(0.145996, within(5e-7));
        assertThat(flips.test().midP()).isCloseTo(0.092285, within(5e-7));
        assertThat(flips.difference()).hasValue(-0.15);
        Interval interval = flips.differenceInterval(0.95).orElseThrow();
        assertThat(interval.lower()).isCloseTo(-0.313249, within(5e-7));
        assertThat(interval.upper()).isCloseTo(0.013249, within(5e-7));
    }

    @Test
    void anExampleThatTheOldModelHasWrongIsNobodysNegativeFlip() {
        PairedFlips flips = PairedFlips.of(1, 0, 2, 3);
        assertThat(flips.both()).isZero();
        assertThat(flips.total()).isEqualTo(1);
        assertThat(flips.difference()).hasValue(0);
        assertThat(flips.differenceInterval(0.95)).isEmpty();
        assertThat(flips.test().exact()).isEqualTo(1);
        assertThat(PairedFlips.ZERO.difference()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 20_261_124})
    void theDifferenceIsThatOfTheRatesAndSwapsItsSignWithTheCandidates(long seed) {
        Random random = new Random(seed);
        PairedFlips flips = PairedFlips.ZERO;
        PairedFlips swapped = PairedFlips.ZERO;
        for (int i = 0; i < 200; i++) {
            int label = random.nextInt(3);
            int old = random.nextInt(3);
            int first = random.nextInt(3);
            int second = random.nextInt(3);
            flips = flips.plus(PairedFlips.of(label, old, first, second));
            swapped = PairedFlips.of(label, old, second, first).plus(swapped);
        }
        double rates = flips.first().negativeFlipRate().value().orElseThrow()
                - flips.second().negativeFlipRate().value().orElseThrow();
        assertThat(flips.difference().orElseThrow()).as("seed %d", seed).isCloseTo(rates, within(1e-15));
        assertThat(swapped.difference().orElseThrow())
                .as("seed %d", seed)
                .isEqualTo(-flips.difference().orElseThrow());
        assertThat(swapped.test()).as("seed %d", seed).isEqualTo(flips.test());
        assertThat(flips.onlyFirst() + flips.onlySecond() + flips.both())
                .as("seed %d", seed)
                .isLessThanOrEqualTo(flips.total());
    }

    @Test
    void countsOfOtherExamplesAreRefused() {
        FlipCounts ten = new FlipCounts(5, 2, 1, 2, 0);
        FlipCounts otherOld = new FlipCounts(4, 2, 2, 2, 0);
        assertThatThrownBy(() -> new PairedFlips(ten, otherOld, 0))
                .hasMessageEndingWith("allowed: counts of the same examples against the same old model");
        assertThatThrownBy(() -> new PairedFlips(ten, ten, 3)).hasMessage("paired flips: both: 3; allowed: 0 to 2");
    }
}
