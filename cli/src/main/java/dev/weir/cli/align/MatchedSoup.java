package dev.weir.cli.align;

import dev.weir.cli.merge.Beside;
import dev.weir.cli.merge.OfflineMerge;
import dev.weir.operators.Operators;
import dev.weir.operators.TensorPolicy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;

/** The uniform soup of plain multi-layer perceptrons, each brought into the order of the first one's hidden units before. */
public final class MatchedSoup {

    private MatchedSoup() {}

    /**
     * Merges and writes.
     *
     * @param inputs safetensors files of one layout
     * @return how many units have another place now
     * @throws IllegalArgumentException when layouts differ or the models are no plain multi-layer perceptrons
     */
    public static Map<String, Long> merge(List<Path> inputs, List<TensorPolicy.Rule> rules, Path output)
            throws InterruptedException {
        List<Path> aligned = new ArrayList<>(List.of(inputs.getFirst()));
        long moved = 0;
        try {
            for (int i = 1; i < inputs.size(); i++) {
                aligned.add(Beside.of(output, "aligned-" + i));
                for (int[] permutation : align(inputs.getFirst(), inputs.get(i), aligned.getLast())
                        .matching()
                        .permutations()
                        .values()) {
                    moved += Alignment.moved(permutation);
                }
            }
            List<Long> steps = LongStream.rangeClosed(1, inputs.size()).boxed().toList();
            new OfflineMerge(Operators.create("uniform-soup", Map.of()), rules).merge(aligned, steps, output);
        } finally {
            aligned.subList(1, aligned.size()).forEach(MatchedSoup::delete);
        }
        return Map.of("moved-units", moved);
    }

    private static Alignment align(Path anchor, Path model, Path output) {
        try {
            return Alignment.write(anchor, model, Optional.empty(), output);
        } catch (IllegalArgumentException refused) {
            throw new IllegalArgumentException(
                    refused.getMessage() + "; for other models use weir align --spec, then weir merge --operator"
                            + " uniform-soup",
                    refused);
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
