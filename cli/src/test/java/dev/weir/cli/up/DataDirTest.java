package dev.weir.cli.up;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.cli.WeirException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataDirTest {

    @TempDir
    private Path dir;

    @Test
    void isHeldByOneOnly() {
        try (DataDir first = DataDir.open(dir)) {
            assertThat(first.uncleanBefore()).isFalse();
            assertThatThrownBy(() -> DataDir.open(dir))
                    .isInstanceOf(WeirException.class)
                    .hasMessageContaining("another weir up runs on it");
        }
        try (DataDir again = DataDir.open(dir)) {
            assertThat(again.uncleanBefore()).isFalse();
        }
    }

    @Test
    void remembersThatTheLastOneWasKilled() throws Exception {
        Files.writeString(dir.resolve("up.lock"), "123");
        try (DataDir next = DataDir.open(dir)) {
            assertThat(next.uncleanBefore()).isTrue();
        }
    }

    @Test
    void aFileIsNoDirectory() throws Exception {
        Path file = Files.writeString(dir.resolve("file"), "");
        assertThatThrownBy(() -> DataDir.open(file))
                .isInstanceOf(WeirException.class)
                .hasMessageContaining("cannot be written");
    }
}
