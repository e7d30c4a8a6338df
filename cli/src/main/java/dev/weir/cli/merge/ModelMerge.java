package dev.weir.cli.merge;

import dev.weir.operators.TensorPolicy;
import dev.weir.operators.kernel.Kernel;
import dev.weir.operators.merge.Coefficients;
import dev.weir.operators.merge.ElementMerge;
import dev.weir.operators.merge.ElementWeights;
import dev.weir.operators.merge.Gram;
import dev.weir.operators.merge.LinearMerge;
import dev.weir.operators.merge.MaskedMerge;
import dev.weir.operators.merge.Merge;
import dev.weir.operators.merge.Models;
import dev.weir.operators.merge.Pruning;
import dev.weir.schemas.safetensors.SafetensorsWriter;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Merges safetensors files that are all at hand, chunk after chunk, so that memory does not grow with the size of the
 * files. What the merge needs to know of whole tensors is reduced before, from partials of chunks that are added in the
 * order of the chunks: the files are read twice then, and the bytes are the same with any number of threads.
 */
public final class ModelMerge {
    /** Elements of the chunks in which inputs are read; sums over a tensor are added in their order. */
    private static final int CHUNK_ELEMENTS = 1 << 16;

    private final Merge merge;
    private final List<TensorPolicy.Rule> rules;
    private final boolean hasBase;
    private final int threads;

    /**
     * A merge on all processors.
     *
     * @param hasBase whether the first input is the model from which the others were trained
     */
    public ModelMerge(Merge merge, List<TensorPolicy.Rule> rules, boolean hasBase) {
        this(merge, rules, hasBase, Runtime.getRuntime().availableProcessors());
    }

    ModelMerge(Merge merge, List<TensorPolicy.Rule> rules, boolean hasBase, int threads) {
        this.merge = merge;
        this.rules = List.copyOf(rules);
        this.hasBase = hasBase;
        this.threads = threads;
    }

    /**
     * Merges and writes.
     *
     * @param inputs safetensors files or directories, in the order of the operator's roles; at least one
     * @param steps trainer step of each; empty when nobody said
     * @param sides the second file of each input, or none
     * @return what the operator counted or measured
     * @throws IllegalArgumentException when layouts differ, or inputs and settings do not go together
     */
    public Map<String, Number> merge(List<Path> inputs, List<Long> steps, List<Path> sides, Path output)
            throws InterruptedException {
        try (InputFiles files = InputFiles.open(inputs);
                SideFiles seconds = SideFiles.open(sides, files)) {
            Layout layout = Layout.of(
                    files.layout().tensors().stream()
                            .filter(tensor -> TensorPolicy.of(tensor, rules) != TensorPolicy.SKIP)
                            .toList(),
                    CHUNK_ELEMENTS);
            // A base says of the models only what they say themselves.
            SortedMap<String, String> metadata =
                    files.commonMetadata(IntStream.range(hasBase && files.count() > 1 ? 1 : 0, files.count()));
            List<TensorSpec> averaged = layout.tensors().stream()
                    .filter(tensor -> TensorPolicy.of(tensor, rules) == TensorPolicy.AVERAGE)
                    .toList();
            return switch (merge) {
                case LinearMerge linear -> linear(linear, files, steps, layout, averaged, metadata, output);
                case ElementMerge weighted -> {
                    ElementWeights weights = weighted.weights(files.count());
                    double[] scales = new double[seconds.count()];
                    for (int i = 0; i < scales.length; i++) {
                        scales[i] = weighted.normalisation().scale(SideSums.of(seconds, i, averaged, threads));
                    }
                    write(
                            layout,
                            metadata,
                            output,
                            (writer, behind) -> new ElementWorker(
                                    new Target(files, rules, layout, writer, behind), seconds, weights, scales));
                    yield Map.of();
                }
                case MaskedMerge masked -> {
                    double[] shares = masked.shares();
                    write(
                            layout,
                            metadata,
                            output,
                            (writer, behind) -> new MaskedWorker(
                                    new Target(files, rules, layout, writer, behind), seconds, shares));
                    yield Map.of();
                }
            };
        }
    }

    private Map<String, Number> linear(
            LinearMerge linear,
            InputFiles files,
            List<Long> steps,
            Layout layout,
            List<TensorSpec> averaged,
            SortedMap<String, String> metadata,
            Path output)
            throws InterruptedException {
        checkPatterns(linear, averaged);
        List<Gram> grams = linear.needsGrams() ? grams(files, averaged) : List.of();
        Models models = new Models(
                files.count(), steps, averaged.stream().map(TensorSpec::name).toList(), grams);
        Coefficients coefficients = linear.coefficients(models);
        Pruning pruning = linear.pruning();
        Path dense = pruning.sparsity() > 0 ? Beside.of(output, "dense") : output;
        try {
            write(
                    layout,
                    metadata,
                    dense,
                    (writer, behind) ->
                            new LinearWorker(new Target(files, rules, layout, writer, behind), averaged, coefficients));
            if (pruning.sparsity() > 0) {
                new Pruner(pruning, averaged, threads).prune(dense, layout, output);
            }
        } finally {
            if (!dense.equals(output)) {
                delete(dense);
            }
        }
        return coefficients.counts();
    }

    private static void checkPatterns(LinearMerge linear, List<TensorSpec> averaged) {
        linear.patterns().forEach((setting, patterns) -> {
            for (String pattern : patterns) {
                TensorPolicy.Rule rule = new TensorPolicy.Rule(pattern, TensorPolicy.AVERAGE);
                if (!pattern.equals("*") && averaged.stream().noneMatch(tensor -> rule.matches(tensor.name()))) {
                    throw new IllegalArgumentException("setting " + setting + ": " + pattern
                            + " matches no tensor that is averaged; allowed: globs over "
                            + averaged.stream().limit(3).map(TensorSpec::name).collect(Collectors.joining(", "))
                            + (averaged.size() > 3 ? " and " + (averaged.size() - 3) + " others" : ""));
                }
            }
        });
    }

    private List<Gram> grams(InputFiles files, List<TensorSpec> averaged) throws InterruptedException {
        List<Gram> grams = GramWorker.grams(files, averaged, threads);
        for (int tensor = 0; tensor < averaged.size(); tensor++) {
            for (int model = 1; model < files.count(); model++) {
                if (!Double.isFinite(grams.get(tensor).dot(model, model))) {
                    NonFinite.refuse(Kernel.create(), averaged.get(tensor), files.files());
                }
            }
        }
        return grams;
    }

    private interface Workers {
        ChunkQueue.Worker create(SafetensorsWriter writer, WriteBehind behind);
    }

    private void write(Layout layout, SortedMap<String, String> metadata, Path output, Workers workers)
            throws InterruptedException {
        SafetensorsWriter writer = SafetensorsWriter.create(output, layout, metadata);
        try {
            try (WriteBehind behind = new WriteBehind(writer)) {
                Supplier<ChunkQueue.Worker> worker = () -> workers.create(writer, behind);
                ChunkQueue.run(threads, layout.chunkCount(), worker);
            }
            writer.close();
        } finally {
            writer.abandon();
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
