package dev.weir.cli.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.weir.operators.Checkpoint;
import dev.weir.operators.ChunkFold;
import dev.weir.operators.Operator;
import dev.weir.operators.Operators;
import dev.weir.operators.Progress;
import dev.weir.operators.Step;
import dev.weir.operators.Sums;
import dev.weir.operators.TensorPolicy;
import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.safetensors.SafetensorsWriter;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files whose sums over tensors are asked for before they enter. */
final class SumsBeforeTest {
    /** More elements than a chunk of the stream has, and tensors of every kind. */
    private static final List<TensorSpec> TENSORS = List.of(
            new TensorSpec("bf16", Dtype.BF16, List.of(70_001L)),
            new TensorSpec("copied", Dtype.F32, List.of(1_003L)),
            new TensorSpec("empty", Dtype.F32, List.of(0L, 4L)),
            new TensorSpec("f32", Dtype.F32, List.of(3L, 100_003L)),
            new TensorSpec("f64", Dtype.F64, List.of(40_001L)),
            new TensorSpec("i64", Dtype.I64, List.of(301L)));

    private static final List<TensorPolicy.Rule> RULES =
            List.of(new TensorPolicy.Rule("copied", TensorPolicy.COPY_LATEST));
    /** 2 MB. */
    private static final List<TensorSpec> LARGE = List.of(new TensorSpec("f32", Dtype.F32, List.of(500_000L)));

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"naswa", "model-stock", "sparse-soup"})
    void theBytesAreThoseOfAFoldInMemoryAndNothingElseIsLeft(String name) throws Exception {
        Operator operator = Operators.create(name, Map.of());
        List<Path> inputs = inputs(TENSORS, 15);
        Path expected = folded(operator, inputs);
        List<Path> before = files();

        for (int threads : List.of(1, 4)) {
            Path merged = folder.resolve("merged");
            int entered = new OfflineMerge(operator, RULES, threads).merge(inputs, steps(inputs), merged);
            assertThat(Files.mismatch(merged, expected))
                    .as(threads + " threads")
                    .isEqualTo(-1);
            assertThat(entered).as("states were put by twice").isGreaterThan(2 * SumsBefore.FOLDED_AGAIN);
            Files.delete(merged);
            assertThat(files()).isEqualTo(before);
        }
    }

    /**
     * A further file is read once as the next one, 2 1/2 times on average as one of those that are folded again, and once for the
     * result; the state is read once, and written after every fourth file.
     */
    @ParameterizedTest
    @CsvSource({"naswa, 2", "model-stock, 5"})
    void aFurtherFileCostsAFixedNumberOfReadings(String name, int statesOverFile) throws Exception {
        assumeTrue(Files.isReadable(Path.of("/proc/self/io")), "the system does not count what is read");
        List<Path> inputs = inputs(LARGE, 32);
        readBy(name, inputs.subList(0, 8));

        long half = readBy(name, inputs.subList(0, 16));
        long all = readBy(name, inputs);

        long further = 16 * Files.size(inputs.getFirst());
        assertThat(all - half).isBetween(further, (5 + statesOverFile) * further);
    }

    @Test
    void fewFilesAreFoldedAgainWithoutAStateOnDisk() throws Exception {
        List<Path> inputs = inputs(LARGE, 1 + SumsBefore.FOLDED_AGAIN);
        Path gone = folder.resolve("gone");
        try (InputFiles files = InputFiles.open(inputs);
                SumsBefore sums = new SumsBefore(
                        Operators.create("naswa", Map.of()), List.of(), LARGE, 2, gone.resolve("no directory"))) {
            List<Input> entered = new ArrayList<>();
            for (int i = 0; i < files.count(); i++) {
                if (i > 0) {
                    assertThat(sums.of(entered, files.file(i), i == files.count() - 1)
                                    .byTensor())
                            .hasSize(1);
                }
                entered.add(new Input(i, files.file(i), List.of(1.0, i + 1.0)));
            }
        }
    }

    /** Bytes that this process read meanwhile. */
    private long readBy(String name, List<Path> inputs) throws Exception {
        long before = read();
        new OfflineMerge(Operators.create(name, Map.of()), List.of(), 2)
                .merge(inputs, steps(inputs), folder.resolve("out"));
        return read() - before;
    }

    private static long read() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/io"))) {
            if (line.startsWith("rchar: ")) {
                return Long.parseLong(line.substring("rchar: ".length()));
            }
        }
        throw new IllegalStateException("/proc/self/io has no rchar");
    }

    /** Some are larger than others, so that naswa lets some pass by; none has a zero. */
    private List<Path> inputs(List<TensorSpec> tensors, int count) {
        List<Path> inputs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            SplittableRandom random = new SplittableRandom(i);
            double scale = i % 5 == 3 ? 0.01 : 1 + i;
            inputs.add(ModelFiles.of(folder.resolve("in-" + i), tensors, () -> scale * random.nextDouble(0.01, 1)));
        }
        return inputs;
    }

    private static List<Long> steps(List<Path> inputs) {
        return LongStream.rangeClosed(1, inputs.size()).boxed().toList();
    }

    /** File after file, the states of all chunks in memory. */
    private Path folded(Operator operator, List<Path> inputs) {
        Layout layout = Layout.of(TENSORS);
        Kernel kernel = Kernel.create();
        List<ChunkFold> folds = new ArrayList<>();
        for (int number = 0; number < layout.chunkCount(); number++) {
            ChunkSpec chunk = layout.chunk(number);
            TensorSpec tensor = layout.tensorOf(chunk);
            folds.add(new ChunkFold(kernel, operator, TensorPolicy.of(tensor, RULES), tensor, chunk));
        }
        Path output = folder.resolve("expected");
        try (Arena arena = Arena.ofConfined();
                SafetensorsWriter writer = SafetensorsWriter.create(output, layout)) {
            Progress progress = Progress.START;
            List<Double> newest = List.of();
            for (int i = 0; i < inputs.size(); i++) {
                try (SafetensorsFile file = SafetensorsFile.open(inputs.get(i))) {
                    Sums sums = i == 0 ? Sums.NONE : reduced(operator, layout, folds, file);
                    Step step = operator.step(progress, new Checkpoint(i + 1L, "merge", i + 1L), sums);
                    progress = step.next();
                    for (int number = 0; step.enters() && number < folds.size(); number++) {
                        MemorySegment theta = MemorySegment.ofBuffer(file.read(layout.chunk(number)));
                        folds.get(number).update(arena, theta, step.coefficients());
                        newest = step.coefficients();
                    }
                }
            }
            for (int number = 0; number < folds.size(); number++) {
                ByteBuffer out = ByteBuffer.allocate(layout.chunk(number).byteSize());
                folds.get(number).emit(newest, MemorySegment.ofBuffer(out));
                writer.write(out);
            }
        }
        return output;
    }

    private static Sums reduced(Operator operator, Layout layout, List<ChunkFold> folds, SafetensorsFile next) {
        List<double[]> sums = new ArrayList<>();
        layout.tensors().forEach(tensor -> sums.add(new double[operator.shape().reductions()]));
        for (int number = 0; number < folds.size(); number++) {
            double[] part = folds.get(number).reduce(MemorySegment.ofBuffer(next.read(layout.chunk(number))));
            double[] sum = sums.get(layout.chunk(number).tensor());
            for (int i = 0; i < part.length; i++) {
                sum[i] += part[i];
            }
        }
        return new Sums(sums).of(layout.tensors(), RULES);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }
}
