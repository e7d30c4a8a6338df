package dev.weir.cli.merge;

import dev.weir.operators.Checkpoint;
import dev.weir.operators.ChunkFold;
import dev.weir.operators.Operator;
import dev.weir.operators.Progress;
import dev.weir.operators.Step;
import dev.weir.operators.Sums;
import dev.weir.operators.TensorPolicy;
import dev.weir.schemas.safetensors.SafetensorsWriter;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.IntStream;

/**
 * Folds safetensors files in the given order, chunk after chunk: as many chunks at a time as there are processors, each
 * over all files, so that memory does not grow with the number or the size of the files. What a file does to the operator
 * is settled before, once for all chunks; chunks know nothing of each other, so that the bytes are the same with any
 * number of threads. Chunks are those of the stream, because an average may wait while a chunk stays the same
 * ({@link ChunkFold}); they are folded in pieces. An operator that needs sums over tensors (K4) has each file read a few times
 * more before, and its state put by on disk ({@link SumsBefore}), so that memory still does not grow.
 */
public final class OfflineMerge {
    /**
     * Elements of the pieces that are folded, a whole number of which is a chunk: few enough that a piece, its state in f64
     * included, stays in the cache of its processor from the first file to the last.
     */
    static final int PIECE_ELEMENTS = Layout.CHUNK_ELEMENTS / 4;

    private final Operator operator;
    private final List<TensorPolicy.Rule> rules;
    private final int threads;

    /** A merge on all processors. */
    public OfflineMerge(Operator operator, List<TensorPolicy.Rule> rules) {
        this(operator, rules, Runtime.getRuntime().availableProcessors());
    }

    OfflineMerge(Operator operator, List<TensorPolicy.Rule> rules, int threads) {
        this.operator = operator;
        this.rules = List.copyOf(rules);
        this.threads = threads;
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
        return merge(inputs, Collections.nCopies(inputs.size(), "merge"), steps, output)
                .entered();
    }

    /**
     * What became of the inputs.
     *
     * @param entered how many entered
     * @param passedBy inputs that the operator let pass by, and why
     * @param clamped tensors whose coefficients had to be kept within their range, of operators that reduce tensors
     */
    public record Result(int entered, List<PassedBy> passedBy, long clamped) {
        public Result {
            passedBy = List.copyOf(passedBy);
        }
    }

    /** An input that the operator let pass by, and why. */
    public record PassedBy(Path input, String reason) {}

    /**
     * Merges and writes.
     *
     * @param inputs safetensors files or directories, in the order in which they are folded; at least one
     * @param runs the run of which each is a checkpoint
     * @param steps trainer step of each
     * @throws IllegalArgumentException when layouts differ or no input enters
     */
    public Result merge(List<Path> inputs, List<String> runs, List<Long> steps, Path output)
            throws InterruptedException {
        return merge(inputs, runs, steps, List.of(), output);
    }

    /**
     * Merges and writes.
     *
     * @param inputs safetensors files or directories, in the order in which they are folded; at least one
     * @param runs the run of which each is a checkpoint
     * @param steps trainer step of each
     * @param companions the companion of each, where the operator reads one; a tensor that one of them lacks has no weights
     * @throws IllegalArgumentException when layouts differ, a companion or an input does not fit or no input enters
     */
    public Result merge(List<Path> inputs, List<String> runs, List<Long> steps, List<Path> companions, Path output)
            throws InterruptedException {
        try (InputFiles files = InputFiles.open(inputs);
                SideFiles sides = SideFiles.open(companions, files)) {
            List<TensorSpec> kept = files.layout().tensors().stream()
                    .filter(tensor -> TensorPolicy.of(tensor, rules) != TensorPolicy.SKIP)
                    .toList();
            List<PassedBy> passedBy = new ArrayList<>();
            List<Input> entering;
            try (SumsBefore sums = new SumsBefore(operator, rules, kept, threads, output)) {
                entering = enter(files, sides, runs, steps, kept, sums, passedBy);
            }
            if (entering.isEmpty()) {
                throw new IllegalArgumentException(
                        "none of the " + inputs.size() + " inputs enters with these settings");
            }
            // A base says of the models only what they say themselves.
            IntStream models = entering.stream()
                    .mapToInt(Input::number)
                    .skip(operator.beginsWithBase() && entering.size() > 1 ? 1 : 0);
            write(new Pieces(kept, PIECE_ELEMENTS), entering, sides, output, files.commonMetadata(models));
            return new Result(
                    entering.size(),
                    passedBy,
                    operator.shape().clamped(entering.getLast().coefficients()));
        }
    }

    private List<Input> enter(
            InputFiles files,
            SideFiles sides,
            List<String> runs,
            List<Long> steps,
            List<TensorSpec> kept,
            SumsBefore before,
            List<PassedBy> passedBy)
            throws InterruptedException {
        List<TensorSpec> averaged = kept.stream()
                .filter(tensor -> TensorPolicy.of(tensor, rules) == TensorPolicy.AVERAGE)
                .toList();
        List<Input> entering = new ArrayList<>();
        Progress progress = Progress.START;
        for (int i = 0; i < files.count(); i++) {
            Sums sums = Sums.NONE;
            if (!operator.companion().isEmpty()) {
                sums = SideSums.of(sides, i, averaged, threads);
            } else if (operator.shape().reductions() > 0 && !entering.isEmpty()) {
                sums = before.of(entering, files.file(i), i == files.count() - 1);
            }
            Checkpoint checkpoint = new Checkpoint(i + 1L, runs.get(i), steps.get(i), files.provenance(i));
            Step step = operator.step(progress, checkpoint, sums);
            progress = step.next();
            if (step.unfit()) {
                throw new IllegalArgumentException(files.file(i).path() + ": " + step.passedBy());
            }
            if (!step.passedBy().isEmpty()) {
                passedBy.add(new PassedBy(files.file(i).path(), step.passedBy()));
            }
            if (step.enters()) {
                entering.add(new Input(i, files.file(i), step.coefficients()));
            }
        }
        return entering;
    }

    private void write(
            Pieces pieces, List<Input> inputs, SideFiles sides, Path output, SortedMap<String, String> metadata)
            throws InterruptedException {
        SafetensorsWriter writer = SafetensorsWriter.create(output, pieces.pieces(), metadata);
        try {
            try (WriteBehind behind = new WriteBehind(writer)) {
                ChunkQueue.run(
                        threads,
                        pieces.chunks().chunkCount(),
                        () -> new ChunkMerge(operator, rules, inputs, sides, pieces, writer, behind));
            }
            writer.close();
        } finally {
            writer.abandon();
        }
    }
}
