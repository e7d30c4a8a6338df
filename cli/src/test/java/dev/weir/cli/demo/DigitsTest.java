package dev.weir.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class DigitsTest {

    private final Digits digits = Digits.load();

    @Test
    void areAllThere() {
        assertThat(digits.count()).isEqualTo(1_797);
        assertThat(digits.label(0)).isEqualTo(0);
        assertThat(digits.label(1_796)).isEqualTo(8);
        assertThat(IntStream.range(0, digits.count())
                        .map(digits::label)
                        .distinct()
                        .sorted())
                .containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    }

    @Test
    void pixelsAreSixteenths() {
        assertThat(digits.pixels(0)).hasSize(64).startsWith(0, 0, 5 / 16f, 13 / 16f, 9 / 16f);
        for (int row = 0; row < digits.count(); row++) {
            for (float pixel : digits.pixels(row)) {
                assertThat(pixel).isBetween(0f, 1f);
            }
        }
    }

    @Test
    void everyThirdRowIsHeldOut() {
        assertThat(digits.heldOut()).hasSize(599).startsWith(2, 5, 8);
        assertThat(digits.trainable()).hasSize(1_198).startsWith(0, 1, 3, 4);
        assertThat(digits.trainable()).doesNotContain(digits.heldOut());
    }
}
