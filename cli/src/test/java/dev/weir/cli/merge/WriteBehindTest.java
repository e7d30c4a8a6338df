package dev.weir.cli.merge;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.Test;

/** What is written is brought to disk by another thread, which must not keep to itself that it could not. */
final class WriteBehindTest {
    @Test
    void aFlushThatFailsIsThrownAtTheEnd() {
        WriteBehind behind = new WriteBehind(() -> {
            throw new UncheckedIOException(new IOException("the disk is gone"));
        });
        behind.wrote(65L << 20);
        assertThatThrownBy(behind::close).hasMessageContaining("the disk is gone");
    }
}
