package dev.weir.schemas.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsFileTest {

    @TempDir
    Path folder;

    @Test
    void tensorsAreReadWhereTheHeaderSaysInAnyOrderAndAtOddOffsets() {
        String header = "{\"z\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]},"
                + "\"__metadata__\":{\"format\":\"pt\"},"
                + "\"a\":{\"data_offsets\":[3,11],\"dtype\":\"F32\",\"shape\":[2,1]},"
                + "\"s\":{\"dtype\":\"I16\",\"shape\":[],\"data_offsets\":[11,13]},"
                + "\"e\":{\"dtype\":\"I64\",\"shape\":[0],\"data_offsets\":[11,11]}}  ";
        byte[] data = {7, 8, 9, 0, 0, -128, 63, 0, 0, 0, -64, 5, 1};
        Path file = Handmade.write(folder.resolve("m.safetensors"), Handmade.bytes(header, data));
        try (SafetensorsFile model = SafetensorsFile.open(file)) {
            assertThat(model.layout().tensors()).extracting(TensorSpec::name).containsExactly("a", "e", "s", "z");
            assertThat(model.metadata()).containsOnly(Assertions.entry("format", "pt"));
            assertThat(model.path()).isEqualTo(file);
            ByteBuffer a = model.read(model.layout().chunk(0));
            assertThat(a.order()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
            assertThat(a.remaining()).isEqualTo(8);
            assertThat(a.getFloat()).isEqualTo(1.0f);
            assertThat(a.getFloat()).isEqualTo(-2.0f);
            assertThat(model.read(model.layout().chunk(1)).getShort()).isEqualTo((short) 0x0105);
            TensorSpec z = model.layout().tensors().get(3);
            assertThat(Handmade.drain(model.read(z, 1, 2))).containsExactly(8, 9);
            assertThat(model.read(model.layout().tensors().get(1), 0, 0).remaining())
                    .isZero();
            Assertions.assertThatExceptionOfType(ReadOnlyBufferException.class)
                    .isThrownBy(() -> model.read(z, 0, 3).put((byte) 0));
        }
    }

    @Test
    void bytesAreCopiedAndAFileThatWasCutIsNamed() throws IOException {
        String header = "{\"z\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]}}";
        Path file = Handmade.write(folder.resolve("m.safetensors"), Handmade.bytes(header, new byte[] {7, 8, 9}));
        try (SafetensorsFile model = SafetensorsFile.open(file);
                RandomAccessFile cut = new RandomAccessFile(file.toFile(), "rw")) {
            TensorSpec z = model.layout().tensors().get(0);
            ByteBuffer into = ByteBuffer.allocate(2);
            model.readInto(z, 1, into);
            assertThat(into.array()).containsExactly(8, 9);
            cut.setLength(cut.length() - 1);
            Assertions.assertThatExceptionOfType(SafetensorsException.class)
                    .isThrownBy(() -> model.readInto(z, 1, into.clear()))
                    .withMessageContaining(file + ", tensor z, byte")
                    .withMessageContaining("the file ends at byte");
        }
    }

    @Test
    void whatAModelDoesNotHaveIsNotRead() {
        String header = "{\"z\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]}}";
        Path file = Handmade.write(folder.resolve("m.safetensors"), Handmade.bytes(header, new byte[3]));
        SafetensorsFile model = SafetensorsFile.open(file);
        TensorSpec z = model.layout().tensors().get(0);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> model.read(z, 2, 2))
                .withMessageContaining("tensor z");
        assertThatIllegalArgumentException().isThrownBy(() -> model.read(z, -1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> model.read(z, 0, -1));
        assertThatIllegalArgumentException().isThrownBy(() -> model.read(z, Long.MAX_VALUE, 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> model.read(new TensorSpec("z", Dtype.I8, List.of(3L)), 0, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> model.read(new ChunkSpec(0, 1, 0, 1, 0, 1)));
        model.close();
        assertThatIllegalStateException().isThrownBy(() -> model.read(z, 0, 1));
        assertThatIllegalStateException().isThrownBy(() -> model.readInto(z, 0, ByteBuffer.allocate(1)));
    }

    @Test
    void aFileOfNoTensorsIsClosedAsAnyOther() {
        Path file = Handmade.write(folder.resolve("m.safetensors"), Handmade.bytes("{}", new byte[0]));
        try (SafetensorsFile model = SafetensorsFile.open(file)) {
            assertThat(model.layout().tensors()).isEmpty();
            assertThat(Handmade.handles(file)).isOne();
        }
        assertThat(Handmade.handles(file)).isZero();
    }

    @ParameterizedTest
    @EnumSource(Dtype.class)
    void everyDtypeIsRead(Dtype dtype) {
        int size = 3 * dtype.bytes();
        String header = "{\"t\":{\"dtype\":\"" + dtype + "\",\"shape\":[3],\"data_offsets\":[0," + size + "]}}";
        byte[] data = new byte[size];
        data[size - 1] = 77;
        Path file = Handmade.write(folder.resolve("m.safetensors"), Handmade.bytes(header, data));
        try (SafetensorsFile model = SafetensorsFile.open(file)) {
            assertThat(model.layout().tensors()).containsExactly(new TensorSpec("t", dtype, List.of(3L)));
            assertThat(Handmade.drain(model.read(model.layout().chunk(0)))).isEqualTo(data);
        }
    }

    @Test
    void aDirectoryIsReadByItsModel() {
        String header = "{\"z\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}";
        Handmade.write(folder.resolve("model.safetensors"), Handmade.bytes(header, new byte[] {9}));
        try (SafetensorsFile model = SafetensorsFile.open(folder)) {
            assertThat(model.path()).isEqualTo(folder.resolve("model.safetensors"));
            assertThat(model.read(model.layout().chunk(0)).get()).isEqualTo((byte) 9);
        }
    }

    @Test
    void aFileBeyondFourGibibytesIsReadAtItsEnd() throws IOException {
        long elements = (5L << 30) + 3;
        String header = "{\"big\":{\"dtype\":\"I8\",\"shape\":[" + elements + "],\"data_offsets\":[0," + elements
                + "]}," + "\"tail\":{\"dtype\":\"I32\",\"shape\":[2],\"data_offsets\":[" + elements + ","
                + (elements + 8) + "]}}";
        byte[] head = Handmade.bytes(header, new byte[0]);
        Path file = folder.resolve("big.safetensors");
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.setLength(head.length + elements + 8);
            out.write(head);
            for (long at : new long[] {(1L << 30) - 1, 1L << 30, (2L << 30) - 1, (4L << 30) + 5, elements - 1}) {
                out.seek(head.length + at);
                out.write(42);
            }
            out.seek(head.length + elements + 4);
            out.write(new byte[] {1, 2, 3, 4});
        }
        try (SafetensorsFile model = SafetensorsFile.open(file)) {
            TensorSpec big = model.layout().tensors().get(0);
            ByteBuffer across = model.read(big, (1L << 30) - 1, 1 << 30);
            assertThat(across.get(0)).isEqualTo((byte) 42);
            assertThat(across.get(1)).isEqualTo((byte) 42);
            assertThat(model.read(big, (2L << 30) - 1, 1).get()).isEqualTo((byte) 42);
            assertThat(model.read(big, (4L << 30) + 5, 1).get()).isEqualTo((byte) 42);
            assertThat(model.read(big, elements - 1, 1).get()).isEqualTo((byte) 42);
            ByteBuffer tail = model.read(model.layout().chunk(model.layout().chunkCount() - 1));
            assertThat(tail.getInt(4)).isEqualTo(0x04030201);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a_reference", "a_trajectory", "b_update", "d_bf16"})
    void realFilesAreReadAndWrittenBackByteForByteBehindTheNameOfTheirFormat(String name) throws IOException {
        Path file = Path.of(System.getProperty("weir.shared", "absent"), "data/trajectories", name + ".safetensors");
        assumeTrue(Files.exists(file), "needs weir.shared: " + file + " is absent");
        byte[] whole = Files.readAllBytes(file);
        int headerLength = ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getInt();
        String header = new String(whole, 8, headerLength, StandardCharsets.UTF_8);
        Path copy = folder.resolve("copy.safetensors");
        try (SafetensorsFile model = SafetensorsFile.open(file)) {
            Layout layout = Layout.of(model.layout().tensors(), 10_000);
            assertThat(layout.tensors()).allSatisfy(t -> assertThat(header).contains('"' + t.name() + '"'));
            try (SafetensorsWriter writer = SafetensorsWriter.create(copy, layout)) {
                for (int i = 0; i < layout.chunkCount(); i++) {
                    writer.write(model.read(layout.chunk(i)));
                }
            }
            try (SafetensorsFile again = SafetensorsFile.open(copy)) {
                assertThat(again.layout()).isEqualTo(model.layout());
                for (int i = 0; i < layout.chunkCount(); i++) {
                    assertThat(again.read(layout.chunk(i))).isEqualTo(model.read(layout.chunk(i)));
                }
            }
        }
        String named = header.stripTrailing().replaceFirst("\\{", "{\"__metadata__\":{\"format\":\"pt\"},");
        byte[] data = Arrays.copyOfRange(whole, Long.BYTES + headerLength, whole.length);
        assertThat(copy).hasBinaryContent(Handmade.bytes(named + " ".repeat(-named.length() & 7), data));
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactly(copy);
        }
    }
}
