package dev.weir.schemas.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {

    private static final List<TensorSpec> TENSORS = List.of(
            new TensorSpec("w", Dtype.F32, List.of(2L, 3L)),
            new TensorSpec("a\"\\\n\u0001é", Dtype.BF16, List.of()),
            new TensorSpec("e", Dtype.I64, List.of(0L, 4L)));

    @TempDir
    Path folder;

    @Test
    void theCanonicalFormIsThisByteForByte() throws IOException {
        Path file = folder.resolve("m.safetensors");
        try (SafetensorsWriter writer = SafetensorsWriter.create(file, Layout.of(TENSORS, 4))) {
            writer.write(ByteBuffer.wrap(new byte[] {1, 2}));
            writer.write(ByteBuffer.wrap(new byte[16]));
            writer.write(
                    ByteBuffer.wrap(new byte[] {0, 3, 4, 5, 6, 7, 8, 9, 10}).position(1));
        }
        String header =
                "{\"__metadata__\":{\"format\":\"pt\"},\"a\\\"\\\\\\n\\u0001é\":{\"dtype\":\"BF16\",\"shape\":[],\"data_offsets\":[0,2]},"
                        + "\"e\":{\"dtype\":\"I64\",\"shape\":[0,4],\"data_offsets\":[2,2]},"
                        + "\"w\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[2,26]}}";
        byte[] data = new byte[26];
        System.arraycopy(new byte[] {1, 2}, 0, data, 0, 2);
        System.arraycopy(new byte[] {3, 4, 5, 6, 7, 8, 9, 10}, 0, data, 18, 8);
        int length = header.length() + 1; // é has two bytes
        String padded = header + " ".repeat((8 - length % 8) % 8);
        assertThat(Files.readAllBytes(file)).isEqualTo(Handmade.bytes(padded, data));
        assertThat((padded.length() + 1) % 8).isZero();
        try (SafetensorsFile model = SafetensorsFile.open(file)) {
            assertThat(model.layout()).isEqualTo(Layout.of(TENSORS));
        }
    }

    @Test
    void metadataStandBeforeTheTensorsInOrderOfTheirKeys() throws IOException {
        Path file = folder.resolve("said.safetensors");
        Layout layout = Layout.of(List.of(new TensorSpec("b", Dtype.U8, List.of(1L))));
        TreeMap<String, String> metadata =
                new TreeMap<>(Map.of("weir.target", "a\"b", "weir.ancestor", "vit", "format", "flax"));
        try (SafetensorsWriter writer = SafetensorsWriter.create(file, layout, metadata)) {
            writer.write(ByteBuffer.wrap(new byte[] {7}));
        }
        String header = "{\"__metadata__\":{\"format\":\"flax\",\"weir.ancestor\":\"vit\",\"weir.target\":\"a\\\"b\"},"
                + "\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}";
        assertThat(Files.readAllBytes(file))
                .isEqualTo(Handmade.bytes(header + " ".repeat((8 - header.length() % 8) % 8), new byte[] {7}));
        try (SafetensorsFile model = SafetensorsFile.open(file)) {
            assertThat(model.metadata()).isEqualTo(metadata);
            assertThat(model.layout()).isEqualTo(layout);
        }
    }

    @Test
    void equalWeightsGiveEqualBytesHoweverTheyAreChunked() throws IOException {
        byte[] first = written(Layout.of(TENSORS, 2), "one");
        assertThat(written(Layout.of(TENSORS, 100), "two")).isEqualTo(first);
    }

    @Test
    void chunksMayComeInAnyOrder() throws IOException {
        Layout layout = Layout.of(TENSORS, 2);
        Path file = folder.resolve("backwards.safetensors");
        byte[] weights = weights(layout);
        try (SafetensorsWriter writer = SafetensorsWriter.create(file, layout)) {
            int end = weights.length;
            for (int i = layout.chunkCount() - 1; i >= 0; i--) {
                int size = layout.chunk(i).byteSize();
                writer.write(i, ByteBuffer.wrap(weights, end - size, size));
                writer.flush();
                end -= size;
            }
        }
        assertThat(Files.readAllBytes(file)).isEqualTo(written(layout, "forwards"));
    }

    @Test
    void aModelWithoutTensorsIsAFile() {
        Path file = folder.resolve("none.safetensors");
        SafetensorsWriter.create(file, Layout.of(List.of())).close();
        String header = "{\"__metadata__\":{\"format\":\"pt\"}}";
        assertThat(file).hasBinaryContent(Handmade.bytes(header + " ".repeat(-header.length() & 7), new byte[0]));
        assertThat(SafetensorsFile.open(file).layout().chunkCount()).isZero();
    }

    @Test
    void aFileThatLacksChunksDoesNotAppear() throws IOException {
        Path file = folder.resolve("m.safetensors");
        Files.writeString(file, "old");
        SafetensorsWriter writer = SafetensorsWriter.create(file, Layout.of(TENSORS, 4));
        writer.write(ByteBuffer.allocate(2));
        assertThatIllegalStateException().isThrownBy(writer::close).withMessageContaining("lacks chunk 1");
        onlyFileIs(file, "old");
        writer.close();
    }

    @Test
    void anAbandonedFileDoesNotAppear() throws IOException {
        Path file = folder.resolve("m.safetensors");
        Files.writeString(file, "old");
        try (SafetensorsWriter writer = SafetensorsWriter.create(file, Layout.of(TENSORS, 4))) {
            writer.write(ByteBuffer.allocate(2));
            writer.abandon();
            assertThatIllegalStateException().isThrownBy(() -> writer.write(ByteBuffer.allocate(16)));
        }
        onlyFileIs(file, "old");
    }

    @Test
    void aChunkOfAnotherSizeIsRefusedAndTheRightOneStillFits() {
        Path file = folder.resolve("m.safetensors");
        try (SafetensorsWriter writer = SafetensorsWriter.create(file, Layout.of(List.of(TENSORS.get(0))))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> writer.write(ByteBuffer.allocate(23)))
                    .withMessageContaining("chunk 0 of tensor w at byte 0 has 23 bytes, its layout says 24");
            writer.write(ByteBuffer.allocate(24));
            assertThatIllegalStateException().isThrownBy(() -> writer.write(ByteBuffer.allocate(24)));
        }
        assertThat(SafetensorsFile.open(file).layout().byteSize()).isEqualTo(24);
    }

    @Test
    void aDirectoryThatIsMissingIsNamed() {
        Path file = folder.resolve("absent/m.safetensors");
        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> SafetensorsWriter.create(file, Layout.of(TENSORS)))
                .withMessageContaining("absent");
    }

    private byte[] written(Layout layout, String name) throws IOException {
        Path file = folder.resolve(name + ".safetensors");
        byte[] weights = weights(layout);
        try (SafetensorsWriter writer = SafetensorsWriter.create(file, layout)) {
            int at = 0;
            for (int i = 0; i < layout.chunkCount(); i++) {
                int size = layout.chunk(i).byteSize();
                writer.write(ByteBuffer.wrap(weights, at, size));
                at += size;
            }
        }
        return Files.readAllBytes(file);
    }

    private static byte[] weights(Layout layout) {
        byte[] weights = new byte[(int) layout.byteSize()];
        new Random(7).nextBytes(weights);
        return weights;
    }

    private void onlyFileIs(Path file, String content) throws IOException {
        assertThat(file).hasContent(content);
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactly(file);
        }
    }
}
