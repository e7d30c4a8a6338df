package dev.weir.cli.align;

import dev.weir.operators.align.Matching;
import dev.weir.operators.align.PermutationSpec;
import dev.weir.operators.align.Permuted;
import dev.weir.operators.align.Tensor;
import dev.weir.operators.align.WeightMatching;
import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.safetensors.SafetensorsWriter;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.Provenance;
import dev.weir.schemas.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A model file with its hidden units in the order of an anchor's. Elements are moved as they are, whatever their dtype; tensors
 * that the spec does not name are copied.
 *
 * @param matching what was found
 * @param distanceBefore ‖anchor − model‖ over the tensors of the spec
 * @param distanceAfter ‖anchor − aligned model‖ over these
 */
public record Alignment(Matching matching, double distanceBefore, double distanceAfter) {

    /**
     * Aligns a model and writes it.
     *
     * @param specFile its permutation spec; empty for a plain multi-layer perceptron
     * @throws IllegalArgumentException if the models differ in their layouts, or do not fit the spec
     */
    public static Alignment write(Path anchorFile, Path modelFile, Optional<Path> specFile, Path output) {
        try (SafetensorsFile anchor = SafetensorsFile.open(anchorFile);
                SafetensorsFile model = SafetensorsFile.open(modelFile)) {
            model.layout().difference(anchor.layout()).ifPresent(difference -> {
                throw new IllegalArgumentException(
                        model.path() + ": " + difference + " (the anchor is " + anchor.path() + ")");
            });
            PermutationSpec spec = specFile.isPresent() ? SpecFile.read(specFile.get()) : ofMlp(anchor.layout());
            SpecTensors named = SpecTensors.of(spec, anchor.layout());
            Map<String, Tensor> anchorTensors = named.read(anchor);
            Map<String, Tensor> modelTensors = named.read(model);
            Matching matching = WeightMatching.match(spec, anchorTensors, modelTensors);
            write(model, named, matching, output);
            return new Alignment(
                    matching,
                    distance(spec, anchorTensors, modelTensors, Map.of()),
                    distance(spec, anchorTensors, modelTensors, matching.permutations()));
        }
    }

    /** Units of a group that have another place now. */
    public static int moved(int[] permutation) {
        int moved = 0;
        for (int i = 0; i < permutation.length; i++) {
            moved += permutation[i] == i ? 0 : 1;
        }
        return moved;
    }

    private static PermutationSpec ofMlp(Layout layout) {
        Map<String, List<Long>> shapes = new TreeMap<>();
        layout.tensors().forEach(tensor -> shapes.put(tensor.name(), tensor.shape()));
        return PermutationSpec.ofMlp(shapes);
    }

    private static void write(SafetensorsFile model, SpecTensors named, Matching matching, Path output) {
        Layout layout = model.layout();
        SortedMap<String, String> metadata = Provenance.toMetadata(Provenance.ofMetadata(model.metadata()));
        metadata.put(SafetensorsWriter.FORMAT, model.format());
        SafetensorsWriter writer = SafetensorsWriter.create(output, layout, metadata);
        try {
            ByteBuffer permuted = ByteBuffer.allocate(0);
            int inMemory = -1;
            for (int number = 0; number < layout.chunkCount(); number++) {
                ChunkSpec chunk = layout.chunk(number);
                Optional<SpecTensors.Source> source = named.source(layout.tensorOf(chunk), matching);
                if (source.isEmpty()) {
                    writer.write(model.read(chunk));
                    continue;
                }
                if (inMemory != chunk.tensor()) {
                    permuted = permuted(model, source.get(), matching);
                    inMemory = chunk.tensor();
                }
                writer.write(permuted.slice((int) chunk.tensorByteOffset(), chunk.byteSize()));
            }
            writer.close();
        } finally {
            writer.abandon();
        }
    }

    private static ByteBuffer permuted(SafetensorsFile model, SpecTensors.Source source, Matching matching) {
        TensorSpec tensor = source.tensor();
        ByteBuffer in = model.read(tensor, 0, (int) tensor.byteSize());
        int[] sources = Permuted.sources(shape(tensor), source.groups(), matching.permutations());
        int bytes = tensor.dtype().bytes();
        ByteBuffer out = ByteBuffer.allocate(in.remaining());
        for (int from : sources) {
            for (int b = 0; b < bytes; b++) {
                out.put(in.get(from * bytes + b));
            }
        }
        return out.flip();
    }

    private static int[] shape(TensorSpec tensor) {
        return tensor.shape().stream().mapToInt(Math::toIntExact).toArray();
    }

    /** From the differences themselves: squares less products would leave no digits of a small distance. */
    private static double distance(
            PermutationSpec spec,
            Map<String, Tensor> anchor,
            Map<String, Tensor> model,
            Map<String, int[]> permutations) {
        double sum = 0;
        for (Map.Entry<String, Tensor> one : anchor.entrySet()) {
            List<String> groups = Objects.requireNonNull(spec.axes().get(one.getKey()), one.getKey());
            double[] other = Objects.requireNonNull(model.get(one.getKey()), one.getKey())
                    .values();
            double[] values = one.getValue().values();
            int[] sources = Permuted.sources(one.getValue().shape(), groups, permutations);
            for (int i = 0; i < sources.length; i++) {
                double difference = values[i] - other[sources[i]];
                sum += difference * difference;
            }
        }
        return Math.sqrt(sum);
    }
}
