package dev.weir.cli.merge;

import dev.weir.operators.Operators;
import dev.weir.operators.TensorPolicy;
import dev.weir.operators.gram.GramSum;
import dev.weir.operators.gram.RegMean;
import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.safetensors.SafetensorsWriter;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * RegMean over files: layers with Gram matrices are solved one after the other, in memory; all other tensors are those of the
 * uniform soup.
 */
public final class RegMeanMerge {

    private final RegMean rule;
    private final List<TensorPolicy.Rule> rules;
    private final Kernel kernel = Kernel.create();

    public RegMeanMerge(RegMean rule, List<TensorPolicy.Rule> rules) {
        this.rule = rule;
        this.rules = List.copyOf(rules);
    }

    /**
     * Merges and writes.
     *
     * @param inputs safetensors files or directories of one layout
     * @param grams the Gram file of each: for a weight of outputs by inputs a tensor of its name, inputs by inputs
     * @return how many layers were solved
     * @throws IllegalArgumentException when layouts differ, or Gram matrices do not fit the models or each other
     */
    public Map<String, Long> merge(List<Path> inputs, List<Path> grams, Path output) throws InterruptedException {
        if (grams.size() != inputs.size()) {
            throw new IllegalArgumentException(
                    grams.size() + " Gram files for " + inputs.size() + " models; allowed: one each, in their order");
        }
        Path mean = Beside.of(output, "mean");
        try (InputFiles models = InputFiles.open(inputs);
                GramFiles gramFiles = GramFiles.open(grams, models)) {
            List<Long> steps = LongStream.rangeClosed(1, inputs.size()).boxed().toList();
            new OfflineMerge(Operators.create("uniform-soup", Map.of()), rules).merge(inputs, steps, mean);
            try (SafetensorsFile plain = SafetensorsFile.open(mean)) {
                return Map.of("layers-solved", write(plain, models, gramFiles, output));
            }
        } finally {
            delete(mean);
        }
    }

    private long write(SafetensorsFile plain, InputFiles models, GramFiles grams, Path output) {
        Layout layout = plain.layout();
        Set<String> solved = new TreeSet<>();
        SafetensorsWriter writer =
                SafetensorsWriter.create(output, layout, models.commonMetadata(IntStream.range(0, models.count())));
        try {
            ByteBuffer merged = ByteBuffer.allocate(0);
            int inMemory = -1;
            for (int number = 0; number < layout.chunkCount(); number++) {
                ChunkSpec chunk = layout.chunk(number);
                TensorSpec tensor = layout.tensorOf(chunk);
                if (TensorPolicy.of(tensor, rules) != TensorPolicy.AVERAGE || !grams.has(tensor)) {
                    writer.write(plain.read(chunk));
                    continue;
                }
                if (inMemory != chunk.tensor()) {
                    merged = solved(tensor, models, grams);
                    inMemory = chunk.tensor();
                    solved.add(tensor.name());
                }
                writer.write(merged.slice((int) chunk.tensorByteOffset(), chunk.byteSize()));
            }
            writer.close();
        } finally {
            writer.abandon();
        }
        return solved.size();
    }

    private ByteBuffer solved(TensorSpec tensor, InputFiles models, GramFiles grams) {
        int outputs = Math.toIntExact(tensor.shape().get(0));
        int columns = Math.toIntExact(tensor.shape().get(1));
        GramSum sum = RegMean.start(columns, outputs);
        for (int k = 0; k < models.count(); k++) {
            double[][] weights = RegMean.transposed(matrix(models.file(k), tensor));
            try {
                rule.add(sum, matrix(grams.file(k), grams.tensor(k, tensor)), weights, 1);
            } catch (IllegalArgumentException refused) {
                throw new IllegalArgumentException(
                        grams.file(k).path() + ": tensor " + tensor.name() + ": " + refused.getMessage(), refused);
            }
        }
        double[][] rows = RegMean.transposed(sum.solve(tensor.name()).values());
        ByteBuffer bytes = ByteBuffer.allocate((int) tensor.byteSize());
        MemorySegment out = MemorySegment.ofBuffer(bytes);
        for (int o = 0; o < outputs; o++) {
            kernel.encode64(rows[o], columns, tensor.dtype(), out, o * columns);
        }
        return bytes;
    }

    private double[][] matrix(SafetensorsFile file, TensorSpec tensor) {
        int rows = Math.toIntExact(tensor.shape().get(0));
        int columns = Math.toIntExact(tensor.shape().get(1));
        MemorySegment bytes = MemorySegment.ofBuffer(file.read(tensor, 0, Math.toIntExact(tensor.byteSize())));
        double[][] matrix = new double[rows][columns];
        for (int r = 0; r < rows; r++) {
            kernel.decode64(bytes, tensor.dtype(), r * columns, columns, matrix[r]);
        }
        return matrix;
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Gram files that are open, checked against the models. */
    private record GramFiles(List<SafetensorsFile> files) implements AutoCloseable {

        static GramFiles open(List<Path> paths, InputFiles models) {
            GramFiles opened = new GramFiles(new ArrayList<>());
            try {
                for (Path path : paths) {
                    opened.files.add(SafetensorsFile.open(path));
                }
                opened.files.forEach(file -> opened.check(file, models.layout()));
                return opened;
            } catch (RuntimeException refused) {
                opened.close();
                throw refused;
            }
        }

        private void check(SafetensorsFile file, Layout models) {
            Set<String> names = names(file);
            if (!names.equals(names(files.getFirst()))) {
                throw new IllegalArgumentException(file.path() + ": Gram matrices of " + names
                        + "; allowed: those of the first file, " + names(files.getFirst()));
            }
            for (TensorSpec gram : file.layout().tensors()) {
                Optional<TensorSpec> weight = find(models, gram.name());
                boolean fits = gram.dtype().isFloat()
                        && weight.filter(one ->
                                        one.dtype().isFloat() && one.shape().size() == 2)
                                .filter(one -> gram.shape()
                                        .equals(Collections.nCopies(
                                                2, one.shape().get(1))))
                                .isPresent();
                if (!fits) {
                    throw new IllegalArgumentException(file.path() + ": " + gram + " is no Gram matrix of the model's "
                            + weight.map(TensorSpec::toString).orElse("tensors")
                            + "; allowed: inputs by inputs of a weight of outputs by inputs, in a float dtype");
                }
            }
        }

        boolean has(TensorSpec tensor) {
            return find(files.getFirst().layout(), tensor.name()).isPresent();
        }

        SafetensorsFile file(int model) {
            return files.get(model);
        }

        TensorSpec tensor(int model, TensorSpec weight) {
            return find(files.get(model).layout(), weight.name()).orElseThrow();
        }

        private static Set<String> names(SafetensorsFile file) {
            Set<String> names = new TreeSet<>();
            file.layout().tensors().forEach(tensor -> names.add(tensor.name()));
            return names;
        }

        private static Optional<TensorSpec> find(Layout layout, String name) {
            return layout.tensors().stream()
                    .filter(tensor -> tensor.name().equals(name))
                    .findFirst();
        }

        @Override
        public void close() {
            files.forEach(SafetensorsFile::close);
        }
    }
}
