package dev.weir.schemas.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Which arrays are given again. */
final class SpareArraysTest {
    private static final int LARGE = 1 << 20;

    private final SpareArrays arrays = new SpareArrays();

    @Test
    void oneOfALengthThatCameLatelyIsGivenAgain() {
        byte[] first = arrays.apply(LARGE);
        byte[] longer = arrays.apply(LARGE + 1);
        assertThat(first).hasSize(LARGE);
        assertThat(longer).hasSize(LARGE + 1);
        for (int turn = 0; turn < 10; turn++) {
            assertThat(arrays.apply(LARGE + 1)).isSameAs(longer);
            assertThat(arrays.apply(LARGE)).isSameAs(first);
        }
    }

    @Test
    void ofFiveLengthsTheOneThatWasNotAskedForLongestIsForgotten() {
        byte[] first = arrays.apply(LARGE);
        byte[] second = arrays.apply(LARGE + 1);
        arrays.apply(LARGE + 2);
        arrays.apply(LARGE + 3);
        arrays.apply(LARGE);
        arrays.apply(LARGE + 4);
        assertThat(arrays.apply(LARGE)).isSameAs(first);
        assertThat(arrays.apply(LARGE + 1)).isNotSameAs(second);
    }

    @Test
    void smallOnesAreFresh() {
        assertThat(arrays.apply(100)).isNotSameAs(arrays.apply(100));
    }
}
