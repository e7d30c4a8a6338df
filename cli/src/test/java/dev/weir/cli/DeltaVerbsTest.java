package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.luben.zstd.Zstd;
import dev.weir.schemas.safetensors.SafetensorsWriter;
import dev.weir.schemas.tensor.Crc;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DeltaVerbsTest {

    private static final Layout LAYOUT = Layout.of(List.of(
            new TensorSpec("a.weight", Dtype.BF16, List.of(500L, 1_000L)),
            new TensorSpec("b.bias", Dtype.F32, List.of(1_000L)),
            new TensorSpec("c.count", Dtype.I64, List.of()),
            new TensorSpec("d.empty", Dtype.F32, List.of(0L, 3L)),
            new TensorSpec("e.mask", Dtype.BOOL, List.of(77L))));

    @TempDir
    private Path directory = Path.of("");

    record Result(int code, String out, String err) {}

    @ParameterizedTest
    @ValueSource(strings = {"auto", "full", "fast", "entropy"})
    void theFileComesBackByteForByte(String encoding) throws IOException {
        Path old = canonical("old.safetensors", 1);
        Path now = canonical("new.safetensors", 2);
        Result encoded = weir("encode", "--base", old, "-o", at("delta"), now, "--encoding", encoding, "--json");
        assertThat(encoded.err()).isEmpty();
        assertThat(encoded.code()).isZero();
        JsonNode json = Json.parse(encoded.out().getBytes(StandardCharsets.UTF_8));
        assertThat(json.at("/deltaBytes").asLong()).isEqualTo(Files.size(at("delta")));
        assertThat(json.at("/resultBytes").asLong()).isEqualTo(Files.size(now));
        assertThat(json.at("/ratio").asDouble()).isLessThan(encoding.equals("full") ? 1.001 : 0.3);
        Result decoded = weir("decode", "--base", old, "-o", at("restored"), at("delta"));
        assertThat(decoded.err()).isEmpty();
        assertThat(decoded.code()).isZero();
        assertThat(at("restored")).hasSameBinaryContentAs(now);
    }

    @Test
    void aFileOfAnotherOrderWithMetadataAndPaddingComesBack() throws IOException {
        Path old = canonical("old.safetensors", 1);
        String head = "{ \"__metadata__\": {\"format\":\"pt\", \"\\u00e4\":\"\u00e4\"},"
                + "\"z\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\n"
                + "\"b.bias\":{\"shape\":[1000],\"dtype\":\"F32\",\"data_offsets\":[9,4009]},"
                + "\"a\":{\"dtype\":\"BOOL\",\"shape\":[1],\"data_offsets\":[8,9]}}   ";
        byte[] json = head.getBytes(StandardCharsets.UTF_8);
        byte[] data = new byte[4009];
        new SplittableRandom(3).nextBytes(data);
        Path now = Files.write(
                at("foreign.safetensors"),
                ByteBuffer.allocate(8 + json.length + data.length)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(json.length)
                        .put(json)
                        .put(data)
                        .array());
        assertThat(weir("encode", "--base", old, "-o", at("delta"), now).code()).isZero();
        assertThat(weir("decode", "--base", old, "-o", at("restored"), at("delta"))
                        .err())
                .isEmpty();
        assertThat(at("restored")).hasSameBinaryContentAs(now);
    }

    @Test
    void anotherBaseIsRefusedByItsDigest() throws IOException {
        Path old = canonical("old.safetensors", 1);
        Path now = canonical("new.safetensors", 2);
        assertThat(weir("encode", "--base", old, "-o", at("delta"), now).code()).isZero();
        Result wrong = weir("decode", "--base", now, "-o", at("restored"), at("delta"));
        assertThat(wrong.code()).isEqualTo(1);
        assertThat(wrong.err())
                .startsWith("weir: " + now + ": has digest ")
                .contains(at("delta") + " was encoded against ");
        assertThat(at("restored")).doesNotExist();
    }

    /** Its checksum is right, so that nothing but the header itself says what is wrong. */
    @Test
    void aHeaderOfNothingIsToldAsAnyOther() throws IOException {
        byte[] packed = Zstd.compress(new byte[0]);
        ByteBuffer file = ByteBuffer.allocate(24 + packed.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put("WEIRDLTA".getBytes(StandardCharsets.US_ASCII))
                .putInt(1)
                .putInt(packed.length)
                .putInt(0)
                .putInt(Crc.crc32c(ByteBuffer.wrap(packed)))
                .put(packed);
        Files.write(at("empty"), file.array());
        Result refused = weir("decode", "--base", canonical("old.safetensors", 1), "-o", at("restored"), at("empty"));
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err()).contains("the header unpacks to 0 bytes", "encode it again with weir encode");
    }

    @Test
    void damageIsToldWithChunkAndByteAndLeavesNothing() throws IOException {
        Path old = canonical("old.safetensors", 1);
        Path now = canonical("new.safetensors", 2);
        assertThat(weir("encode", "--base", old, "-o", at("delta"), now).code()).isZero();
        byte[] valid = Files.readAllBytes(at("delta"));
        long seed = Long.getLong("weir.seed", System.nanoTime());
        System.out.println("DeltaVerbsTest: -Dweir.seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 60; round++) {
            byte[] damaged = valid.clone();
            int at = round < 20 ? random.nextInt(60) : random.nextInt(damaged.length);
            damaged[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(at("damaged"), damaged);
            Result refused = weir("decode", "--base", old, "-o", at("restored"), at("damaged"));
            if (refused.code() == 0) {
                assertThat(at("restored"))
                        .as("a bit that zstd does not read, byte %s, seed %s", at, seed)
                        .hasSameBinaryContentAs(now);
                Files.delete(at("restored"));
                continue;
            }
            assertThat(refused.code()).as("byte %s, seed %s", at, seed).isEqualTo(1);
            assertThat(refused.err().lines())
                    .as("byte %s, seed %s", at, seed)
                    .singleElement()
                    .asString()
                    .startsWith("weir: " + at("damaged") + ", byte ")
                    .endsWith("encode it again with weir encode");
        }
        Files.write(at("damaged"), java.util.Arrays.copyOf(valid, valid.length - 1));
        assertThat(weir("decode", "--base", old, "-o", at("restored"), at("damaged"))
                        .err())
                .contains("chunk 5 (tensor e.mask) needs ");
        Files.write(at("damaged"), java.util.Arrays.copyOf(valid, valid.length + 1));
        assertThat(weir("decode", "--base", old, "-o", at("restored"), at("damaged"))
                        .err())
                .contains("1 bytes follow the last chunk");
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder("old.safetensors", "new.safetensors", "delta", "damaged");
        }
    }

    @Test
    void wrongUseIsOneLine() throws IOException {
        Path old = canonical("old.safetensors", 1);
        Result encoding = weir("encode", "--base", old, "-o", at("delta"), old, "--encoding", "zip");
        assertThat(encoding.code()).isEqualTo(2);
        assertThat(encoding.err().strip())
                .isEqualTo("weir: --encoding: is zip; allowed: auto, full, fast, entropy; see weir encode --help");
        assertThat(weir("decode", "--base", old, "-o", at("x"), at("absent"))
                        .err()
                        .strip())
                .isEqualTo("weir: " + at("absent") + ": no such file");
        assertThat(weir("encode", "--base", at("absent"), "-o", at("x"), old).code())
                .isEqualTo(1);
        assertThat(weir("decode", "--base", old, "-o", at("x"), old).err()).contains("does not begin with WEIRDLTA");
    }

    /** A model of {@link #LAYOUT}: of the second, a sixth of the values is one bit away from the first's. */
    private Path canonical(String name, int version) throws IOException {
        SplittableRandom random = new SplittableRandom(7);
        Path file = at(name);
        try (SafetensorsWriter writer = SafetensorsWriter.create(file, LAYOUT)) {
            for (int number = 0; number < LAYOUT.chunkCount(); number++) {
                byte[] bytes = new byte[LAYOUT.chunk(number).byteSize()];
                for (int i = 0; i < bytes.length; i++) {
                    boolean high = i % 2 == 1;
                    bytes[i] = high ? (byte) 0x3c : (byte) random.nextInt();
                    bytes[i] ^= (byte) (!high && version == 2 && random.nextInt(6) == 0 ? 1 : 0);
                    if (version == 1 && !high) {
                        random.nextInt(6);
                    }
                }
                writer.write(ByteBuffer.wrap(bytes));
            }
        }
        return file;
    }

    private Path at(String name) {
        return directory.resolve(name);
    }

    private static Result weir(Object... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] words = Stream.of(args).map(Object::toString).toArray(String[]::new);
        int code = Weir.run(new PrintWriter(out, true), new PrintWriter(err, true), words);
        return new Result(code, out.toString(), err.toString());
    }
}
