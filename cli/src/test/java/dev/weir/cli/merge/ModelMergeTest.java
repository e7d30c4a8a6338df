package dev.weir.cli.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.weir.operators.Catalogue;
import dev.weir.operators.Operator;
import dev.weir.operators.Operators;
import dev.weir.operators.TensorPolicy;
import dev.weir.operators.merge.ElementMerge;
import dev.weir.operators.merge.MaskedMerge;
import dev.weir.operators.merge.Merge;
import dev.weir.operators.merge.MergeSpec;
import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class ModelMergeTest {
    /** More elements than a chunk of the stream has, and tensors of every kind. */
    private static final List<TensorSpec> TENSORS = List.of(
            new TensorSpec("bf16", Dtype.BF16, List.of(70_001L)),
            new TensorSpec("empty", Dtype.F32, List.of(0L, 4L)),
            new TensorSpec("f32", Dtype.F32, List.of(3L, 100_003L)),
            new TensorSpec("f64", Dtype.F64, List.of(130_001L)),
            new TensorSpec("i64", Dtype.I64, List.of(33_001L)),
            new TensorSpec("skipped", Dtype.F32, List.of(7L)));

    private static final List<TensorSpec> SIDE_TENSORS = List.of(
            new TensorSpec("f32", Dtype.F32, List.of(3L, 100_003L)),
            new TensorSpec("f64", Dtype.BF16, List.of(130_001L)));
    private static final List<TensorPolicy.Rule> RULES = List.of(new TensorPolicy.Rule("skipped", TensorPolicy.SKIP));

    @TempDir
    Path folder;

    static Stream<MergeSpec> merges() {
        return Catalogue.all().stream()
                .filter(MergeSpec.class::isInstance)
                .map(MergeSpec.class::cast)
                .filter(spec -> !spec.name().equals("schedule-free-x"));
    }

    @ParameterizedTest
    @MethodSource("merges")
    void theBytesAreTheSameWithAnyNumberOfThreads(MergeSpec spec) throws Exception {
        Map<String, ?> settings = switch (spec.name()) {
            case "swad" -> Map.of("losses", "2,1,3,4");
            case "swamp" -> Map.of("sparsity", 0.4);
            default -> Map.of();
        };
        Merge merge = spec.create(settings);
        List<Path> inputs = inputs(4);
        List<Path> sides = merge instanceof ElementMerge ? sides(4) : List.of();
        Path alone = folder.resolve("alone");
        new ModelMerge(merge, RULES, false, 1).merge(inputs, List.of(), sides, alone);
        Path four = folder.resolve("four");
        new ModelMerge(merge, RULES, false, 4).merge(inputs, List.of(), sides, four);

        assertThat(Files.mismatch(alone, four)).isEqualTo(-1);
        // Without scores the first model is taken alone; the others do not enter.
        boolean first = List.of("greedy-soup", "diwa-greedy", "moerging").contains(spec.name());
        assertThat(integers(four)).isEqualTo(integers(first ? inputs.getFirst() : inputs.getLast()));
        try (SafetensorsFile merged = SafetensorsFile.open(four)) {
            assertThat(merged.layout().tensors().stream().map(TensorSpec::name)).doesNotContain("skipped");
        }
        assertThat(names()).noneMatch(name -> name.endsWith(".dense"));
    }

    @Test
    void aModelThatDoesNotCountGivesNoTensorThatIsCopied() throws Exception {
        List<TensorPolicy.Rule> rules = List.of(new TensorPolicy.Rule("f64", TensorPolicy.COPY_LATEST));
        List<Path> inputs = inputs(3);
        Path out = folder.resolve("out");
        new ModelMerge(merge("moerging", Map.of("scores", "1,3,2")), rules, false, 2)
                .merge(inputs, List.of(), List.of(), out);
        assertThat(Files.mismatch(out, inputs.get(1)))
                .as("the best expert alone")
                .isEqualTo(-1);
        new ModelMerge(merge("lcsc", Map.of("coefficients", "0.5,0.5,0")), rules, false, 2)
                .merge(inputs, List.of(), List.of(), out);
        assertThat(integers(out)).isEqualTo(integers(inputs.get(1)));
        assertThat(bytes(out, "f64")).isEqualTo(bytes(inputs.get(1), "f64"));
        for (String operator : List.of("wise-ft", "wise-ft-fisher")) {
            List<Path> sides = operator.equals("wise-ft") ? List.of() : sides(2);
            new ModelMerge(merge(operator, Map.of("alpha", 0)), rules, true, 2)
                    .merge(inputs.subList(0, 2), List.of(), sides, out);
            assertThat(Files.mismatch(out, inputs.getFirst())).as(operator).isEqualTo(-1);
        }
    }

    @Test
    @DisplayName("B7 model-stock: files larger than a chunk give the ratio of the whole tensor")
    void b7OfATensorOfSeveralChunks() throws Exception {
        List<Path> inputs = inputs(3);
        Path out = folder.resolve("out");
        new OfflineMerge(Operators.create("model-stock", Map.of()), RULES, 2).merge(inputs, List.of(1L, 2L, 3L), out);
        float[] base = ModelFiles.read(inputs.get(0), "f32");
        float[] one = ModelFiles.read(inputs.get(1), "f32");
        float[] two = ModelFiles.read(inputs.get(2), "f32");
        double dot = 0;
        double first = 0;
        double second = 0;
        for (int i = 0; i < base.length; i++) {
            double a = (double) one[i] - base[i];
            double b = (double) two[i] - base[i];
            dot += a * b;
            first += a * a;
            second += b * b;
        }
        double cosine = dot / Math.sqrt(first * second);
        double t = 2 * cosine / (1 + cosine);
        float[] merged = ModelFiles.read(out, "f32");
        for (int i = 0; i < base.length; i += 97) {
            double expected = base[i] + t * (((double) one[i] + two[i]) / 2 - base[i]);
            assertThat((double) merged[i]).isCloseTo(expected, within(1e-7));
        }
    }

    @Test
    @DisplayName("B10 fisher: normalised over the model, plain where a second file has no tensor")
    void b10NormalisedOverTheModel() throws Exception {
        Path a = ModelFiles.of(folder.resolve("a"), "w", 0, 10, 4);
        Path b = ModelFiles.of(folder.resolve("b"), "w", 8, 20, 8);
        Path fisherA = ModelFiles.of(folder.resolve("fa"), "w", 1, 1, 4);
        Path fisherB = ModelFiles.of(folder.resolve("fb"), "w", 3e-6f, 1e-6f, 2e-6f);
        Path none = ModelFiles.of(folder.resolve("none"), "other", 1);
        Path out = folder.resolve("out");
        fisher("mean", List.of(), List.of(a, b), List.of(fisherA, fisherB), out);
        // Divided by their means, 2 and 2e-6: 0.5, 0.5, 2 and 1.5, 0.5, 1.
        assertThat(ModelFiles.read(out, "w")).containsExactly(new float[] {6, 15, 16 / 3f}, within(1e-5f));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> fisher("norm", List.of(), List.of(a, b), List.of(fisherA, none), out))
                .withMessageContaining(none + ": ")
                .withMessageContaining("is no tensor of the model");
    }

    @Test
    @DisplayName("B10 fisher: a tensor that a second file lacks is averaged plainly")
    void b10ATensorWithoutWeightsIsAveragedPlainly() throws Exception {
        List<Path> inputs = inputs(2);
        Path out = folder.resolve("out");
        fisher("norm", RULES, inputs, sides(2), out);
        Path plain = folder.resolve("plain");
        new ModelMerge(merge("lcsc", Map.of()), RULES, false, 2).merge(inputs, List.of(), List.of(), plain);
        assertThat(bytes(out, "bf16")).isEqualTo(bytes(plain, "bf16"));
        assertThat(bytes(out, "f32")).isNotEqualTo(bytes(plain, "f32"));
    }

    @Test
    @DisplayName("B10 fisher: a negative or infinite weight is refused by file and tensor, and no file is left")
    void b10AWeightThatIsNoneIsRefused() {
        Path a = ModelFiles.of(folder.resolve("a"), "w", 1, 2);
        Path out = folder.resolve("out");
        for (float weight : new float[] {-2, Float.POSITIVE_INFINITY, Float.NaN}) {
            Path fisher = ModelFiles.of(folder.resolve("f"), "w", 1, weight);
            for (String normalise : List.of("norm", "mean", "none")) {
                assertThatIllegalArgumentException()
                        .as(normalise)
                        .isThrownBy(() -> fisher(normalise, List.of(), List.of(a, a), List.of(fisher, fisher), out))
                        .withMessageContaining(fisher + ": tensor w: a weight is " + (double) weight
                                + "; allowed: finite numbers, 0 and more");
            }
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new ModelMerge(merge("fisher-bcwi", Map.of()), List.of(), true, 2)
                            .merge(List.of(a, a), List.of(), List.of(fisher, fisher), out))
                    .withMessageContaining(fisher + ": tensor w: a weight is " + (double) weight);
            assertThat(out).doesNotExist();
        }
    }

    private static void fisher(
            String normalise, List<TensorPolicy.Rule> rules, List<Path> models, List<Path> fishers, Path out)
            throws InterruptedException {
        Operator operator = Operators.create("fisher", Map.of("normalise", normalise));
        List<String> runs = models.stream().map(Path::toString).toList();
        List<Long> steps = Collections.nCopies(models.size(), 1L);
        new OfflineMerge(operator, rules, 2).merge(models, runs, steps, fishers, out);
    }

    @Test
    @DisplayName("B10 fisher: the bytes are the same with any number of threads, and with pieces of a chunk")
    void b10TheBytesAreTheSameWithAnyNumberOfThreads() throws Exception {
        List<Path> inputs = inputs(3);
        List<String> runs = List.of("a", "b", "c");
        Path alone = folder.resolve("alone");
        Path four = folder.resolve("four");
        Operator operator = Operators.create("fisher", Map.of());
        new OfflineMerge(operator, RULES, 1).merge(inputs, runs, List.of(1L, 2L, 3L), sides(3), alone);
        new OfflineMerge(operator, RULES, 4).merge(inputs, runs, List.of(1L, 2L, 3L), sides(3), four);
        assertThat(Files.mismatch(alone, four)).isEqualTo(-1);
    }

    @Test
    @DisplayName("B13 sparse-soup: other masks are refused by tensor and element; mask files go before zeros")
    void b13MasksAreCompared() throws Exception {
        Path a = ModelFiles.of(folder.resolve("a"), "w", 0, 2, 3);
        Path b = ModelFiles.of(folder.resolve("b"), "w", 0, 0, 5);
        Path mask = ModelFiles.of(folder.resolve("mask"), "w", 0, 1, 1);
        Path out = folder.resolve("out");
        OfflineMerge zeros = new OfflineMerge(Operators.create("sparse-soup", Map.of()), List.of(), 2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> zeros.merge(List.of(a, b), List.of(1L, 2L), out))
                .withMessageContaining(b + ": mask-differs: tensor w has 1 zeros more or fewer than the first model's");
        ModelMerge masked = new ModelMerge(new MaskedMerge(List.of(1.0, 1.0)), List.of(), false, 2);
        masked.merge(List.of(a, b), List.of(), List.of(mask, mask), out);
        assertThat(ModelFiles.read(out, "w")).containsExactly(0, 1, 4);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> masked.merge(List.of(a, b), List.of(), List.of(a, b), out))
                .withMessageContaining("the masks of " + a + " and " + b + " differ");
    }

    @Test
    @DisplayName("B14 swamp: keeps round((1 - s) P) elements, the largest, of equal ones the earlier")
    void b14KeepsTheLargest() throws Exception {
        Path a = ModelFiles.of(folder.resolve("a"), "w", 3, -1, 1, -2, 1, 0, 1);
        assertThat(pruned(a, 3 / 7.0)).containsExactly(3, -1, 1, -2, 0, 0, 0);
        assertThat(pruned(a, 0)).containsExactly(3, -1, 1, -2, 1, 0, 1);
        assertThat(pruned(a, 1)).containsOnly(0);
    }

    @Test
    @DisplayName("B14 swamp: over many chunks the mask is the exact one, and it never gives back what was pruned")
    void b14TheMaskIsExactAndMonotone() throws Exception {
        SplittableRandom random = new SplittableRandom(5);
        float[] values = new float[300_000];
        for (int i = 0; i < values.length; i++) {
            // Few digits, so that many are equal.
            values[i] = Math.round(random.nextDouble(-1, 1) * 1000) / 1000f;
        }
        Path dense = ModelFiles.of(folder.resolve("dense"), "w", values);
        float[] once = pruned(dense, 0.3);
        Integer[] order = IntStream.range(0, values.length).boxed().toArray(Integer[]::new);
        Arrays.sort(order, (i, j) -> Float.compare(Math.abs(values[j]), Math.abs(values[i])));
        float[] expected = new float[values.length];
        for (int i = 0; i < 210_000; i++) {
            expected[order[i]] = values[order[i]];
        }
        assertThat(once).isEqualTo(expected);
        float[] twice = pruned(ModelFiles.of(folder.resolve("once"), "w", once), 0.5);
        for (int i = 0; i < values.length; i++) {
            assertThat(twice[i] != 0 && once[i] == 0).isFalse();
        }
    }

    @Test
    @DisplayName("B6 fusing: head tensors are not in the output")
    void b6HeadsAreLeftOut() throws Exception {
        Path out = folder.resolve("out");
        List<TensorPolicy.Rule> heads = List.of(new TensorPolicy.Rule("f6*", TensorPolicy.SKIP));
        new OfflineMerge(Operators.create("fusing", Map.of()), heads, 2).merge(inputs(2), List.of(1L, 2L), out);
        try (SafetensorsFile merged = SafetensorsFile.open(out)) {
            assertThat(merged.layout().tensors().stream().map(TensorSpec::name))
                    .doesNotContain("f64")
                    .contains("f32");
        }
    }

    private float[] pruned(Path model, double sparsity) throws Exception {
        Path out = folder.resolve("pruned");
        new ModelMerge(merge("swamp", Map.of("sparsity", sparsity)), List.of(), false, 3)
                .merge(List.of(model), List.of(), List.of(), out);
        return ModelFiles.read(out, "w");
    }

    private static Merge merge(String name, Map<String, ?> settings) {
        return ((MergeSpec) Catalogue.spec(name)).create(settings);
    }

    private List<Path> inputs(int count) {
        List<Path> inputs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            inputs.add(ModelFiles.random(folder.resolve("model-" + i), TENSORS, i));
        }
        return inputs;
    }

    private List<Path> sides(int count) {
        List<Path> sides = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            sides.add(ModelFiles.positive(folder.resolve("side-" + i), SIDE_TENSORS, 100 + i));
        }
        return sides;
    }

    private static byte[] integers(Path file) {
        return bytes(file, "i64");
    }

    private static byte[] bytes(Path path, String tensor) {
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            TensorSpec spec = file.layout().tensors().stream()
                    .filter(one -> one.name().equals(tensor))
                    .findFirst()
                    .orElseThrow();
            ByteBuffer bytes = file.read(spec, 0, (int) spec.byteSize());
            byte[] copy = new byte[bytes.remaining()];
            bytes.get(copy);
            return copy;
        }
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
