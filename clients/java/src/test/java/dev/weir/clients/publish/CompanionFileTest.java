package dev.weir.clients.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.clients.ClientException;
import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.safetensors.SafetensorsWriter;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CompanionFileTest {

    private static final Layout LAYOUT = Layout.of(
            List.of(
                    new TensorSpec("a", Dtype.BF16, List.of(3L)),
                    new TensorSpec("b", Dtype.F64, List.of(5L)),
                    new TensorSpec("c", Dtype.I64, List.of(1L))),
            4);

    @TempDir
    private Path dir;

    @Test
    void numbersAreReadInTheChunksOfTheCheckpointAndWidenedToF32() {
        Path path = write(new TensorSpec("a", Dtype.BF16, List.of(3L)), new TensorSpec("b", Dtype.F32, List.of(5L)));
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            CompanionFile companion = CompanionFile.of(file, LAYOUT);
            assertThat(floats(companion.read(LAYOUT.chunk(0)))).containsExactly(0, 0.5f, 1);
            // Chunks of f64 tensors have half as many elements.
            assertThat(floats(companion.read(LAYOUT.chunk(1)))).containsExactly(0, 0.5f);
            assertThat(floats(companion.read(LAYOUT.chunk(3)))).containsExactly(2);
        }
    }

    @Test
    void aFloatTensorThatIsMissingOrOfAnotherShapeOrDtypeIsRefused() {
        assertRefused("has no tensor b beside", new TensorSpec("a", Dtype.F32, List.of(3L)));
        assertRefused(
                "write zeros where nothing is known",
                new TensorSpec("a", Dtype.F32, List.of(3L)),
                new TensorSpec("b", Dtype.F32, List.of(4L)));
        assertRefused(
                "allowed: every float tensor of the checkpoint, in its shape, as F32 or BF16",
                new TensorSpec("a", Dtype.F16, List.of(3L)),
                new TensorSpec("b", Dtype.F32, List.of(5L)));
    }

    private void assertRefused(String message, TensorSpec... tensors) {
        try (SafetensorsFile file = SafetensorsFile.open(write(tensors))) {
            assertThatThrownBy(() -> CompanionFile.of(file, LAYOUT))
                    .isInstanceOf(ClientException.class)
                    .hasMessageContaining(file.path().toString())
                    .hasMessageContaining(message);
        }
    }

    /** A file of 0, 0.5, 1 and so on in every tensor. */
    private Path write(TensorSpec... tensors) {
        Path path = dir.resolve("companion-" + System.nanoTime());
        Layout layout = Layout.of(List.of(tensors));
        try (SafetensorsWriter writer = SafetensorsWriter.create(path, layout)) {
            for (int number = 0; number < layout.chunkCount(); number++) {
                ByteBuffer bytes =
                        ByteBuffer.allocate(layout.chunk(number).byteSize()).order(ByteOrder.LITTLE_ENDIAN);
                for (int i = 0; bytes.hasRemaining(); i++) {
                    if (layout.tensorOf(layout.chunk(number)).dtype().bytes() == 2) {
                        bytes.putShort((short) (Float.floatToIntBits(i / 2f) >> 16));
                    } else {
                        bytes.putFloat(i / 2f);
                    }
                }
                writer.write(bytes.flip());
            }
        }
        return path;
    }

    private static float[] floats(ByteBuffer bytes) {
        float[] floats = new float[bytes.remaining() / Float.BYTES];
        bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(floats);
        return floats;
    }
}
