package dev.weir.clients.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.schemas.safetensors.SafetensorsException;
import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.safetensors.SafetensorsWriter;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileWeightsTest {

    private static final Layout LAYOUT = Layout.of(List.of(
            new TensorSpec("a", Dtype.F32, List.of(Layout.CHUNK_ELEMENTS + 3L)),
            new TensorSpec("b", Dtype.F32, List.of(5L))));

    @TempDir
    private Path dir;

    private Path path = Path.of("");

    @BeforeEach
    void write() {
        path = dir.resolve("model.safetensors");
        try (SafetensorsWriter writer = SafetensorsWriter.create(path, LAYOUT)) {
            for (int number = 0; number < LAYOUT.chunkCount(); number++) {
                writer.write(bytes(number));
            }
        }
    }

    @Test
    void everyChunkHasTheBytesOfTheFile() {
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            WeightSource weights = WeightSource.of(file);
            for (int number = 0; number < LAYOUT.chunkCount(); number++) {
                assertThat(weights.read(LAYOUT.chunk(number))).isEqualTo(bytes(number));
            }
        }
    }

    @Test
    void aFileThatIsCutWhileItIsReadIsNamed() throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            WeightSource weights = WeightSource.of(file);
            WeightSource companion = CompanionFile.of(file, LAYOUT);
            weights.read(LAYOUT.chunk(0));
            try (FileChannel trainer = FileChannel.open(path, StandardOpenOption.WRITE)) {
                trainer.truncate(4096);
            }

            for (WeightSource source : List.of(weights, companion)) {
                assertThatThrownBy(() -> source.read(LAYOUT.chunk(1)))
                        .isInstanceOf(SafetensorsException.class)
                        .hasMessageContaining(path + ", tensor a, byte")
                        .hasMessageContaining("the file ends at byte");
            }
        }
    }

    private static ByteBuffer bytes(int number) {
        byte[] bytes = new byte[LAYOUT.chunk(number).byteSize()];
        Arrays.fill(bytes, (byte) (number + 1));
        return ByteBuffer.wrap(bytes);
    }
}
