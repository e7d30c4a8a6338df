package dev.weir.cli.option;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DurationConverterTest {

    private final DurationConverter converter = new DurationConverter();

    @ParameterizedTest
    @CsvSource({"10,10000", "10s,10000", "500ms,500", "2m,120000", "1h,3600000"})
    void readsNumbersWithAndWithoutUnit(String text, long ms) {
        assertThat(converter.convert(text)).isEqualTo(Duration.ofMillis(ms));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "s", "-1s", "1.5s", "10 s", "10d", "99999999999"})
    void refusesEverythingElseAndSaysWhatIsAllowed(String text) {
        assertThatThrownBy(() -> converter.convert(text)).hasMessageContaining("allowed: 10, 10s, 500ms, 2m, 1h");
    }

    @Test
    void refusesZero() {
        assertThatThrownBy(() -> converter.convert("0s")).hasMessageContaining("no time at all");
    }
}
