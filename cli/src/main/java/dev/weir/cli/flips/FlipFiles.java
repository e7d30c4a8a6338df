package dev.weir.cli.flips;

import dev.weir.cli.WeirException;
import dev.weir.clients.evaluate.PredictionReader;
import dev.weir.clients.evaluate.PredictionRow;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Compares two prediction files, or two with a third.
 *
 * <p>An example counts once, by the label, the slices and the cluster that any file gives it. A row that repeats an earlier one of
 * its file is counted and left out; one that contradicts an earlier one, in its prediction or in any file's label or cluster, is
 * refused.
 */
public final class FlipFiles {

    private final Map<String, Example> examples = new HashMap<>();
    private final Map<List<String>, List<String>> sliceLists = new HashMap<>();
    private final Map<String, String> clusters = new HashMap<>();

    private FlipFiles() {}

    /**
     * Compares the predictions of an old and a new model.
     *
     * @param otherFile predictions of another candidate to replace the old one
     * @param replicates of the bootstrap; 0: none, or as many as usual where examples are clustered
     */
    public static FlipComparison compare(Path oldFile, Path newFile, Optional<Path> otherFile, int replicates) {
        FlipFiles files = new FlipFiles();
        long duplicatesOld = files.read(oldFile, Side.OLD);
        long duplicatesNew = files.read(newFile, Side.NEW);
        Optional<Long> duplicatesOther = otherFile.map(file -> files.read(file, Side.OTHER));
        FlipSums sums = new FlipSums(replicates, !files.clusters.isEmpty());
        files.examples.forEach(sums::add);
        return sums.comparison(duplicatesOld, duplicatesNew, duplicatesOther);
    }

    /** Takes in a file and returns its duplicates. */
    private long read(Path file, Side side) {
        long duplicates = 0;
        try (PredictionReader reader = PredictionReader.open(file)) {
            while (reader.hasNext()) {
                PredictionRow row = reader.next();
                Example example = examples.computeIfAbsent(row.id(), id -> new Example());
                String at = file + ":" + reader.line();
                enterLabel(example, row, at);
                enterCluster(example, row, at);
                if (enterPrediction(example, row, side, at)) {
                    duplicates++;
                }
                enterSlices(example, row);
            }
        }
        return duplicates;
    }

    private static void enterLabel(Example example, PredictionRow row, String at) {
        int label = row.label().orElse(Example.NONE);
        if (label == Example.NONE) {
            return;
        }
        if (example.label != Example.NONE && example.label != label) {
            throw contradiction(at, row, "label", label, example.label, "allowed: one label for an id, in all files");
        }
        example.label = label;
    }

    private void enterCluster(Example example, PredictionRow row, String at) {
        if (row.cluster().isEmpty()) {
            return;
        }
        String cluster = row.cluster().get();
        if (!example.cluster.isEmpty() && !example.cluster.equals(cluster)) {
            throw contradiction(
                    at, row, "cluster", cluster, example.cluster, "allowed: one cluster for an id, in all files");
        }
        example.cluster = clusters.computeIfAbsent(cluster, name -> name);
    }

    /** Whether the file held the same before. */
    private static boolean enterPrediction(Example example, PredictionRow row, Side side, String at) {
        if (!example.isIn(side)) {
            example.predicted(side, row.prediction());
            return false;
        }
        int before = example.prediction(side);
        if (before != row.prediction()) {
            throw contradiction(
                    at, row, "prediction", row.prediction(), before, "allowed: one prediction for an id in a file");
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

    private static WeirException contradiction(
            String at, PredictionRow row, String what, Object value, Object before, String allowed) {
        return new WeirException(
                at, "id " + row.id() + " has " + what + " " + value + ", and " + before + " before", allowed, "");
    }
}
