package dev.weir.cli.merge;

import dev.weir.operators.Checkpoint;
import dev.weir.operators.ChunkFold;
import dev.weir.operators.Operator;
import dev.weir.operators.Progress;
import dev.weir.operators.Step;
import dev.weir.operators.TensorPolicy;
import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.safetensors.SafetensorsWriter;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Folds safetensors files in the given order, chunk after chunk: as many chunks at a time as there are processors, each
 * over all files, so that memory does not grow with the number or the size of the files.
 */
public final class OfflineMerge {
    /** A file, what it does to the operator and with which coefficients. */
    private record Input(SafetensorsFile file, List<Double> coefficients) {}

    private final Operator operator;
    private final List<TensorPolicy.Rule> rules;
    private final Kernel kernel = Kernel.create();

    public OfflineMerge(Operator operator, List<TensorPolicy.Rule> rules) {
        this.operator = operator;
        this.rules = List.copyOf(rules);
    }

    /**
     * Merges and writes.
     *
     * @param inputs safetensors files or directories, in the order in which they are folded; at least one
     * @param steps trainer step of each
     * @return how many of them entered
     * @throws IllegalArgumentException when layouts differ or no input enters
     */
    public int merge(List<Path> inputs, List<Long> steps, Path output) throws InterruptedException {
        List<SafetensorsFile> files = new ArrayList<>();
        try {
            List<Input> entering = enter(inputs, steps, files);
            if (entering.isEmpty()) {
                throw new IllegalArgumentException(
                        "none of the " + inputs.size() + " inputs enters with these settings");
            }
            Layout layout = files.get(0).layout();
            List<TensorSpec> kept = layout.tensors().stream()
                    .filter(tensor -> TensorPolicy.of(tensor, rules) != TensorPolicy.SKIP)
                    .toList();
            write(Layout.of(kept), entering, output);
            return entering.size();
        } finally {
            files.forEach(SafetensorsFile::close);
        }
    }

    private List<Input> enter(List<Path> inputs, List<Long> steps, List<SafetensorsFile> files) {
        List<Input> entering = new ArrayList<>();
        Progress progress = Progress.START;
        for (int i = 0; i < inputs.size(); i++) {
            SafetensorsFile file = SafetensorsFile.open(inputs.get(i));
            files.add(file);
            file.layout().difference(files.get(0).layout()).ifPresent(difference -> {
                throw new IllegalArgumentException(file.path() + ": " + difference + " (the model is "
                        + files.get(0).path() + ")");
            });
            Step step = operator.step(progress, new Checkpoint(i + 1L, "merge", steps.get(i)));
            progress = step.next();
            if (step.enters()) {
                entering.add(new Input(file, step.coefficients()));
            }
        }
        return entering;
    }

    private void write(Layout layout, List<Input> inputs, Path output) throws InterruptedException {
        int threads = Runtime.getRuntime().availableProcessors();
        SafetensorsWriter writer = SafetensorsWriter.create(output, layout);
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            ArrayDeque<Future<ByteBuffer>> ahead = new ArrayDeque<>();
            for (int number = 0; number < layout.chunkCount(); number++) {
                ChunkSpec chunk = layout.chunk(number);
                TensorSpec tensor = layout.tensorOf(chunk);
                ahead.add(pool.submit(() -> fold(tensor, chunk, inputs)));
                if (ahead.size() > 2 * threads) {
                    writer.write(result(ahead.remove()));
                }
            }
            while (!ahead.isEmpty()) {
                writer.write(result(ahead.remove()));
            }
        } catch (RuntimeException | InterruptedException failed) {
            writer.abandon();
            throw failed;
        }
        writer.close();
    }

    private ByteBuffer fold(TensorSpec tensor, ChunkSpec chunk, List<Input> inputs) {
        ChunkFold fold =
                new ChunkFold(kernel, operator, TensorPolicy.of(tensor, rules), tensor.dtype(), chunk.elements());
        ByteBuffer out = ByteBuffer.allocate(chunk.byteSize());
        try (Arena arena = Arena.ofConfined()) {
            for (Input input : inputs) {
                ByteBuffer theta = input.file().read(tensor, chunk.tensorByteOffset(), chunk.byteSize());
                fold.update(arena, MemorySegment.ofBuffer(theta), input.coefficients());
            }
            fold.emit(inputs.get(inputs.size() - 1).coefficients(), MemorySegment.ofBuffer(out));
        }
        return out;
    }

    private static ByteBuffer result(Future<ByteBuffer> future) throws InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof RuntimeException known) {
                throw known;
            }
            throw new IllegalStateException(failed.getCause());
        }
    }
}
