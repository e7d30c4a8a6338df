package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.schemas.safetensors.SafetensorsWriter;
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
import java.util.function.IntUnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class AlignVerbTest {

    private static final int UNITS = 5;

    @TempDir
    private Path directory = Path.of("");

    record Result(int code, String out, String err) {}

    @ParameterizedTest
    @EnumSource(
            value = Dtype.class,
            names = {"F32", "BF16", "F64"})
    void aShuffledModelBecomesTheAnchorByteForByte(Dtype dtype) throws IOException {
        Path anchor = model("anchor", dtype, i -> i);
        Path shuffled = model("shuffled", dtype, i -> (i + 2) % UNITS);
        Result aligned = weir("align", "--to", anchor, "-o", at("aligned"), shuffled, "--json");
        assertThat(aligned.err()).isEmpty();
        assertThat(at("aligned")).hasSameBinaryContentAs(anchor);
        JsonNode json = Json.parse(aligned.out().getBytes(StandardCharsets.UTF_8));
        assertThat(json.at("/groups/0").toString()).isEqualTo("[3,4,0,1,2]");
        assertThat(json.at("/distanceAfter").asDouble()).isZero();
        assertThat(json.at("/distanceBefore").asDouble()).isPositive();
        assertThat(weir("align", "--to", anchor, "-o", at("again"), anchor).out())
                .startsWith("group 0: 0 of 5 units moved");
    }

    @Test
    void aSpecNamesTheAxesOfOtherModels() throws IOException {
        Path anchor = model("anchor", Dtype.F32, i -> i);
        Path shuffled = model("shuffled", Dtype.F32, i -> (i + 3) % UNITS);
        Path spec = Files.writeString(
                at("spec.yaml"), "0.weight: [hidden, null]\n0.bias: [hidden]\n2.weight: [null, hidden]\n");
        assertThat(weir("align", "--to", anchor, "--spec", spec, "-o", at("aligned"), shuffled)
                        .out())
                .startsWith("group hidden: 5 of 5 units moved\ndistance ");
        assertThat(at("aligned")).hasSameBinaryContentAs(anchor);
        Files.writeString(spec, "{\"0.weight\": [\"hidden\"]}");
        assertThat(weir("align", "--to", anchor, "--spec", spec, "-o", at("x"), shuffled)
                        .err()
                        .strip())
                .isEqualTo("weir: align: permutation spec: tensor 0.weight has axes [hidden], in the model its shape is"
                        + " [5, 3]; allowed: a group, or nothing, for each axis");
        Files.writeString(spec, "0.weight: hidden\n");
        assertThat(weir("align", "--to", anchor, "--spec", spec, "-o", at("x"), shuffled)
                        .err()
                        .strip())
                .isEqualTo("weir: " + spec + ": tensor 0.weight has \"hidden\"; allowed: a list with a group's name or"
                        + " null for each axis, such as [hidden, null]");
        assertThat(at("x")).doesNotExist();
    }

    @Test
    void whatCannotBeAlignedIsOneLine() throws IOException {
        Path anchor = model("anchor", Dtype.F32, i -> i);
        Path other = model("other", Dtype.BF16, i -> i);
        assertThat(weir("align", "--to", anchor, "-o", at("x"), other).err())
                .startsWith("weir: align: " + other + ": ")
                .contains("(the anchor is " + anchor + ")");
        assertThat(weir("align", "--to", anchor, "-o", at("x"), at("absent")).code())
                .isEqualTo(1);
        assertThat(at("x")).doesNotExist();
    }

    /** 3-5-2, all values different, its hidden units shuffled. */
    private Path model(String name, Dtype dtype, IntUnaryOperator unit) {
        Layout layout = Layout.of(List.of(
                new TensorSpec("0.bias", dtype, List.of((long) UNITS)),
                new TensorSpec("0.weight", dtype, List.of((long) UNITS, 3L)),
                new TensorSpec("2.bias", dtype, List.of(2L)),
                new TensorSpec("2.weight", dtype, List.of(2L, (long) UNITS))));
        Path file = at(name + ".safetensors");
        try (SafetensorsWriter writer = SafetensorsWriter.create(file, layout)) {
            writer.write(values(dtype, UNITS, i -> unit.applyAsInt(i) + 1));
            writer.write(values(dtype, UNITS * 3, i -> (unit.applyAsInt(i / 3) + 2) * (i % 3 + 3) % 13));
            writer.write(values(dtype, 2, i -> i));
            writer.write(values(dtype, 2 * UNITS, i -> (unit.applyAsInt(i % UNITS) + 5) * (i / UNITS + 2) % 11));
        }
        return file;
    }

    private static ByteBuffer values(Dtype dtype, int count, IntUnaryOperator value) {
        ByteBuffer bytes = ByteBuffer.allocate(count * dtype.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            float one = value.applyAsInt(i);
            switch (dtype) {
                case F64 -> bytes.putDouble(one);
                case BF16 -> bytes.putShort((short) (Float.floatToIntBits(one) >>> 16));
                default -> bytes.putFloat(one);
            }
        }
        return bytes.flip();
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
