package dev.weir.cli.up;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class DeathWindowTest {

    private final DeathWindow window = new DeathWindow();

    @Test
    void theThirdDeathWithinAMinuteIsOneTooMany() {
        assertThat(window.add(0)).isFalse();
        assertThat(window.add(30_000)).isFalse();
        assertThat(window.add(60_000)).isTrue();
    }

    @Test
    void deathsOfLongAgoDoNotCount() {
        assertThat(window.add(0)).isFalse();
        assertThat(window.add(30_000)).isFalse();
        assertThat(window.add(60_001)).isFalse();
        assertThat(window.add(89_000)).isTrue();
    }
}
