package dev.weir.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.cli.merge.ModelFiles;
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
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class AlignVerbTest {

    private static final int UNITS = 5;
    private static final int EXPERTS = 4;

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
    void aSmallDistanceIsToldInAllItsDigits() throws IOException {
        List<TensorSpec> tensors = List.of(
                new TensorSpec("0.weight", Dtype.F32, List.of(2L, 1L)),
                new TensorSpec("2.weight", Dtype.F32, List.of(1L, 2L)));
        Path anchor = ModelFiles.of(at("anchor"), tensors, 1000, 2000, 3000, 4000);
        Path near = ModelFiles.of(at("near"), tensors, 2000, Math.nextUp(1000f), 4000, 3000);
        Result aligned = weir("align", "--to", anchor, "-o", at("aligned"), near, "--json");
        JsonNode json = Json.parse(aligned.out().getBytes(StandardCharsets.UTF_8));
        assertThat(json.at("/distanceAfter").asDouble()).isEqualTo((double) Math.nextUp(1000f) - 1000);
        assertThat(json.at("/distanceBefore").asDouble()).isCloseTo(2000, within(1e-3));
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

    /** Two machines that fitted a mixture each; the experts of the second are in one order, then in another. */
    @ParameterizedTest
    @CsvSource({"true, 1", "true, 2", "false, 1", "false, 20261124"})
    @DisplayName("B22 moe-reduction: label-permutation invariance of experts")
    void whicheverOrderTheExpertsOfAMachineAreInTheReducedMixtureIsTheSame(boolean stacked, long seed)
            throws IOException {
        Random random = new Random(seed);
        List<Integer> order = new ArrayList<>(List.of(0, 1, 2, 3));
        Collections.shuffle(order, random);
        float[][] experts = floats(random, EXPERTS, 6);
        float[][] gates = floats(random, EXPERTS, 3);
        Path first = mixture("first", stacked, floats(random, EXPERTS, 6), floats(random, EXPERTS, 3));
        Path second = mixture("second", stacked, experts, gates);
        Path permuted = mixture(
                "permuted",
                stacked,
                order.stream().map(i -> experts[i]).toArray(float[][]::new),
                order.stream().map(i -> gates[i]).toArray(float[][]::new));
        Path spec = Files.writeString(
                at("experts.yaml"),
                "gate.weight: [experts, null]\n"
                        + (stacked
                                ? "experts.weight: [experts, null, null]\n"
                                : "experts.*.weight: [experts, null, null]\n"));
        assertThat(weir("align", "--to", first, "--spec", spec, "-o", at("a"), second)
                        .err())
                .isEmpty();
        assertThat(weir("align", "--to", first, "--spec", spec, "-o", at("b"), permuted)
                        .err())
                .isEmpty();
        weir("merge", "--operator", "moe-reduction", "--set", "examples=30,10", "-o", at("of-second"), first, at("a"));
        weir(
                "merge",
                "--operator",
                "moe-reduction",
                "--set",
                "examples=30,10",
                "-o",
                at("of-permuted"),
                first,
                at("b"));
        assertThat(at("of-permuted")).as("seed %d", seed).hasSameBinaryContentAs(at("of-second"));
        assertThat(permuted)
                .as("seed %d", seed)
                .content(StandardCharsets.ISO_8859_1)
                .isNotEqualTo(content(second));
        assertThat(weir("align", "--to", first, "--spec", spec, "-o", at("c"), first)
                        .err())
                .isEmpty();
        weir("merge", "--operator", "moe-reduction", "-o", at("alone"), at("c"));
        assertThat(at("alone")).as("one machine, seed %d", seed).hasSameBinaryContentAs(first);
    }

    @Test
    void aStarStandsForEveryNumberFromZeroOn() throws IOException {
        Random random = new Random(3);
        Path first = mixture("first", false, floats(random, EXPERTS, 6), floats(random, EXPERTS, 3));
        assertThat(refusal(first, "experts.*.weight: [experts, null]\n"))
                .isEqualTo(
                        "weir: align: permutation spec: tensor experts.*.weight has axes [experts, ], in the model its"
                                + " shape is [4, 2, 3]; allowed: a group, or nothing, for each axis");
        assertThat(refusal(first, "experts.*.*: [experts, null, null]\n"))
                .isEqualTo("weir: align: permutation spec: experts.*.* has several stars; allowed: one");
        assertThat(refusal(first, "experts.*.weight: [e, null, null]\nexperts.0.weight: [null, f]\n"))
                .isEqualTo("weir: align: permutation spec: tensor experts.0.weight is named by experts.*.weight and by"
                        + " experts.0.weight; allowed: once");
        Path gap = ModelFiles.random(
                at("gap"),
                List.of(
                        new TensorSpec("e.0", Dtype.F32, List.of(2L)),
                        new TensorSpec("e.2", Dtype.F32, List.of(2L)),
                        new TensorSpec("u.0", Dtype.F32, List.of(2L)),
                        new TensorSpec("u.1", Dtype.F32, List.of(3L))),
                1);
        assertThat(refusal(gap, "e.*: [experts, null]\n"))
                .isEqualTo("weir: align: permutation spec: e.* stands for the numbers [0, 2]; allowed: all from 0 on");
        assertThat(refusal(gap, "u.*: [experts, null]\n"))
                .isEqualTo("weir: align: permutation spec: u.*: tensor u.1 is F32 [3]; allowed: as u.0, F32 [2]");
        assertThat(refusal(gap, "x.*: [experts, null]\n"))
                .startsWith(
                        "weir: align: permutation spec: tensor x.* has axes [experts, ], in the model it is missing");
    }

    private String refusal(Path model, String spec) throws IOException {
        Path file = Files.writeString(at("refused.yaml"), spec);
        return weir("align", "--to", model, "--spec", file, "-o", at("x"), model)
                .err()
                .strip();
    }

    /** A gate of 3 inputs, and experts of 2 by 3: in one tensor, or in one each. */
    private Path mixture(String name, boolean stacked, float[][] experts, float[][] gates) {
        List<TensorSpec> tensors = new ArrayList<>();
        for (int expert = 0; expert < (stacked ? 1 : EXPERTS); expert++) {
            tensors.add(
                    stacked
                            ? new TensorSpec("experts.weight", Dtype.F32, List.of((long) EXPERTS, 2L, 3L))
                            : new TensorSpec("experts." + expert + ".weight", Dtype.F32, List.of(2L, 3L)));
        }
        tensors.add(new TensorSpec("gate.weight", Dtype.F32, List.of((long) EXPERTS, 3L)));
        float[] values = new float[EXPERTS * 9];
        for (int expert = 0; expert < EXPERTS; expert++) {
            System.arraycopy(experts[expert], 0, values, expert * 6, 6);
            System.arraycopy(gates[expert], 0, values, EXPERTS * 6 + expert * 3, 3);
        }
        return ModelFiles.of(at(name), tensors, values);
    }

    private static float[][] floats(Random random, int rows, int columns) {
        float[][] values = new float[rows][columns];
        for (float[] row : values) {
            for (int i = 0; i < columns; i++) {
                row[i] = (float) random.nextGaussian();
            }
        }
        return values;
    }

    private static String content(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.ISO_8859_1);
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
