package dev.weir.cli.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.operators.Checkpoint;
import dev.weir.operators.ChunkFold;
import dev.weir.operators.Operator;
import dev.weir.operators.Operators;
import dev.weir.operators.Progress;
import dev.weir.operators.Step;
import dev.weir.operators.TensorPolicy;
import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.safetensors.SafetensorsWriter;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class OfflineMergeTest {
    private static final List<TensorSpec> TENSORS = List.of(
            new TensorSpec("bf16", Dtype.BF16, List.of(70_001L)),
            new TensorSpec("copied", Dtype.F32, List.of(70_003L)),
            new TensorSpec("empty", Dtype.F32, List.of(0L, 4L)),
            new TensorSpec("f32", Dtype.F32, List.of(3L, 100_003L)),
            new TensorSpec("f64", Dtype.F64, List.of(40_001L)),
            new TensorSpec("frozen", Dtype.F32, List.of(5L)),
            new TensorSpec("i64", Dtype.I64, List.of(33_001L)),
            new TensorSpec("skipped", Dtype.F32, List.of(7L)));
    private static final List<TensorPolicy.Rule> RULES = List.of(
            new TensorPolicy.Rule("copied", TensorPolicy.COPY_LATEST),
            new TensorPolicy.Rule("frozen", TensorPolicy.FREEZE),
            new TensorPolicy.Rule("skipped", TensorPolicy.SKIP));
    private static final List<Long> STEPS = List.of(10L, 20L, 30L, 40L, 50L);

    @TempDir
    Path folder;

    private final List<Path> inputs = new ArrayList<>();

    @BeforeEach
    void writeInputs() {
        for (long step : STEPS) {
            inputs.add(model(folder.resolve("step-" + step + ".safetensors"), TENSORS, step));
        }
    }

    static Stream<Arguments> operators() {
        return Stream.of(
                Arguments.of("ema", Map.of("decay", "0.9")),
                Arguments.of("ema", Map.of("decay", "0.99", "bias-correction", "true")),
                Arguments.of("swa", Map.of("every", "1")),
                Arguments.of("swa", Map.of("every", "2", "from-step", "20")));
    }

    @ParameterizedTest
    @MethodSource("operators")
    void theBytesAreThoseOfOneFoldWithAnyNumberOfThreads(String name, Map<String, String> settings) throws Exception {
        Operator operator = Operators.create(name, settings);
        Path expected = folded(operator, folder.resolve("expected"));

        for (int threads : List.of(1, 4)) {
            Path merged = folder.resolve("merged-" + threads);
            new OfflineMerge(operator, RULES, threads).merge(inputs, STEPS, merged);
            assertThat(Files.mismatch(merged, expected))
                    .as(threads + " threads")
                    .isEqualTo(-1);
        }
    }

    @Test
    void anotherLayoutIsRefusedByFileAndTensorAndLeavesNoFile() throws Exception {
        Path other = model(folder.resolve("other.safetensors"), TENSORS.subList(0, 3), 1);
        List<Path> before = files();

        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        merge(List.of(inputs.getFirst(), other), List.of(1L, 2L), folder.resolve("out.safetensors")))
                .withMessageContaining(other + ": tensor f32 is missing")
                .withMessageContaining(inputs.getFirst().toString());
        assertThat(files()).isEqualTo(before);
    }

    @Test
    void anInputMayBeReplacedByTheResult() throws Exception {
        Path expected = folder.resolve("expected");
        merge(inputs, STEPS, expected);

        merge(inputs, STEPS, inputs.getLast());

        assertThat(Files.mismatch(inputs.getLast(), expected)).isEqualTo(-1);
    }

    @Test
    void theFirstWorkerThatFailsEndsTheOthers() {
        assertThatThrownBy(() -> ChunkQueue.run(4, Integer.MAX_VALUE, () -> new ChunkQueue.Worker() {
                    @Override
                    public void take(int number) {
                        if (number == 1000) {
                            throw new UncheckedIOException(new IOException("disk"));
                        }
                    }

                    @Override
                    public void close() {}
                }))
                .hasRootCauseMessage("disk");
    }

    private static void merge(List<Path> inputs, List<Long> steps, Path output) throws InterruptedException {
        new OfflineMerge(Operators.create("ema", Map.of("decay", "0.5")), RULES, 2).merge(inputs, steps, output);
    }

    /** Tensor after tensor in chunks of the stream's size, on this thread. */
    private Path folded(Operator operator, Path output) {
        Layout kept = Layout.of(TENSORS.subList(0, TENSORS.size() - 1));
        try (SafetensorsWriter writer = SafetensorsWriter.create(output, kept);
                Arena arena = Arena.ofConfined()) {
            for (int number = 0; number < kept.chunkCount(); number++) {
                writer.write(folded(operator, kept, kept.chunk(number), arena));
            }
        }
        return output;
    }

    private ByteBuffer folded(Operator operator, Layout layout, ChunkSpec chunk, Arena arena) {
        TensorSpec tensor = layout.tensorOf(chunk);
        ChunkFold fold = new ChunkFold(Kernel.create(), operator, TensorPolicy.of(tensor, RULES), tensor, chunk);
        List<Double> newest = List.of();
        Progress progress = Progress.START;
        for (int i = 0; i < inputs.size(); i++) {
            Step step = operator.step(progress, new Checkpoint(i + 1L, "merge", STEPS.get(i)));
            progress = step.next();
            if (step.enters()) {
                try (SafetensorsFile file = SafetensorsFile.open(inputs.get(i))) {
                    ByteBuffer theta = file.read(tensor, chunk.tensorByteOffset(), chunk.byteSize());
                    fold.update(arena, MemorySegment.ofBuffer(theta), step.coefficients());
                }
                newest = step.coefficients();
            }
        }
        ByteBuffer out = ByteBuffer.allocate(chunk.byteSize());
        fold.emit(newest, MemorySegment.ofBuffer(out));
        return out;
    }

    private static Path model(Path file, List<TensorSpec> tensors, long seed) {
        Layout layout = Layout.of(tensors);
        SplittableRandom random = new SplittableRandom(seed);
        try (SafetensorsWriter writer = SafetensorsWriter.create(file, layout)) {
            for (int number = 0; number < layout.chunkCount(); number++) {
                ChunkSpec chunk = layout.chunk(number);
                ByteBuffer bytes = ByteBuffer.allocate(chunk.byteSize()).order(ByteOrder.LITTLE_ENDIAN);
                while (bytes.hasRemaining()) {
                    switch (layout.tensorOf(chunk).dtype()) {
                        case BF16 -> bytes.putShort((short) (Float.floatToIntBits((float) random.nextDouble()) >> 16));
                        case F64 -> bytes.putDouble(random.nextDouble());
                        case I64 -> bytes.putLong(random.nextLong());
                        default -> bytes.putFloat((float) random.nextDouble(-1, 1));
                    }
                }
                writer.write(bytes.flip());
            }
        }
        return file;
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }
}
