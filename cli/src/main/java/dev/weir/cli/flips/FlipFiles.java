package dev.weir.cli.flips;

import dev.weir.cli.WeirException;
import dev.weir.clients.evaluate.PredictionReader;
import dev.weir.clients.evaluate.PredictionRow;
import dev.weir.operators.flip.FlipCounter;
import dev.weir.operators.flip.FlipMatrix;
import dev.weir.operators.flip.PoissonBootstrap;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Compares two prediction files.
 *
 * <p>An example counts once, by the label and the slices that either file gives it. A row that repeats an earlier one of
 * its file is counted and left out; one that contradicts an earlier one, in its prediction or in either file's label, is
 * refused.
 */
public final class FlipFiles {

    private static final int NONE = -1;

    /** What is known of an example; classes not known are {@link #NONE}. */
    private static final class Example {
        private int label = NONE;
        private int oldPrediction = NONE;
        private int newPrediction = NONE;
        private List<String> slices = List.of();
    }

    private final Map<String, Example> examples = new HashMap<>();
    private final Map<List<String>, List<String>> sliceLists = new HashMap<>();

    private FlipFiles() {}

    /**
     * Compares the predictions of an old and a new model.
     *
     * @param replicates of the bootstrap; 0: none
     */
    public static FlipComparison compare(Path oldFile, Path newFile, int replicates) {
        FlipFiles files = new FlipFiles();
        long duplicatesOld = files.read(oldFile, true);
        long duplicatesNew = files.read(newFile, false);
        return files.count(duplicatesOld, duplicatesNew, replicates);
    }

    /** Takes in a file and returns its duplicates. */
    private long read(Path file, boolean old) {
        long duplicates = 0;
        try (PredictionReader reader = PredictionReader.open(file)) {
            while (reader.hasNext()) {
                PredictionRow row = reader.next();
                Example example = examples.computeIfAbsent(row.id(), id -> new Example());
                String at = file + ":" + reader.line();
                enterLabel(example, row, at);
                if (enterPrediction(example, row, old, at)) {
                    duplicates++;
                }
                enterSlices(example, row);
            }
        }
        return duplicates;
    }

    private static void enterLabel(Example example, PredictionRow row, String at) {
        int label = row.label().orElse(NONE);
        if (label == NONE) {
            return;
        }
        if (example.label != NONE && example.label != label) {
            throw new WeirException(
                    at,
                    "id " + row.id() + " has label " + label + ", and " + example.label + " before",
                    "allowed: one label for an id, in both files",
                    "");
        }
        example.label = label;
    }

    /** Whether the file held the same before. */
    private static boolean enterPrediction(Example example, PredictionRow row, boolean old, String at) {
        int before = old ? example.oldPrediction : example.newPrediction;
        if (before == NONE) {
            if (old) {
                example.oldPrediction = row.prediction();
            } else {
                example.newPrediction = row.prediction();
            }
            return false;
        }
        if (before != row.prediction()) {
            throw new WeirException(
                    at,
                    "id " + row.id() + " has prediction " + row.prediction() + ", and " + before + " before",
                    "allowed: one prediction for an id in a file",
                    "");
        }
        return true;
    }

    private void enterSlices(Example example, PredictionRow row) {
        if (example.slices.containsAll(row.slices())) {
            return;
        }
        List<String> both = new ArrayList<>(example.slices);
        row.slices().stream().filter(slice -> !both.contains(slice)).forEach(both::add);
        example.slices = sliceLists.computeIfAbsent(List.copyOf(both), list -> list);
    }

    private FlipComparison count(long duplicatesOld, long duplicatesNew, int replicates) {
        Optional<PoissonBootstrap> bootstrap =
                replicates == 0 ? Optional.empty() : Optional.of(new PoissonBootstrap(replicates));
        SortedMap<Integer, SortedMap<Integer, Long>> broken = new TreeMap<>();
        FlipCounter counter = new FlipCounter();
        long onlyOld = 0;
        long onlyNew = 0;
        for (Map.Entry<String, Example> entry : examples.entrySet()) {
            Example example = entry.getValue();
            if (example.newPrediction == NONE) {
                onlyOld++;
            } else if (example.oldPrediction == NONE) {
                onlyNew++;
            } else {
                OptionalInt label = example.label == NONE ? OptionalInt.empty() : OptionalInt.of(example.label);
                counter.add(label, example.oldPrediction, example.newPrediction, example.slices);
                if (label.isPresent()) {
                    bootstrap.ifPresent(all ->
                            all.add(entry.getKey(), example.label, example.oldPrediction, example.newPrediction));
                    if (example.oldPrediction == example.label && example.newPrediction != example.label) {
                        broken.computeIfAbsent(example.label, absent -> new TreeMap<>())
                                .merge(example.newPrediction, 1L, Long::sum);
                    }
                }
            }
        }
        return new FlipComparison(
                counter.table(), new FlipMatrix(broken), bootstrap, onlyOld, onlyNew, duplicatesOld, duplicatesNew);
    }
}
