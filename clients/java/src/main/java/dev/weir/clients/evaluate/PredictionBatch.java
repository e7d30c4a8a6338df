package dev.weir.clients.evaluate;

import dev.weir.clients.ClientException;
import dev.weir.schemas.record.Predictions;
import dev.weir.schemas.record.Subject;
import java.util.ArrayList;
import java.util.List;

/** Rows on their way into one record of predictions. */
final class PredictionBatch {

    static final int MAX_ROWS = 1000;

    /** A record stays below half a mebibyte, unless one row alone is larger. */
    static final int MAX_BYTES = 384 * 1024;

    /** What the topic takes, with room for the head. */
    private static final int MAX_ROW_BYTES = 2 * 1024 * 1024 - 64 * 1024;

    private final List<String> ids = new ArrayList<>();
    private final List<Integer> labels = new ArrayList<>();
    private final List<Integer> predicted = new ArrayList<>();
    private final List<String> slices = new ArrayList<>();
    private final List<Float> probabilities = new ArrayList<>();
    private boolean sliced;
    private int classes;
    private int bytes;

    boolean isEmpty() {
        return ids.isEmpty();
    }

    /** Whether the row may go into this record: probabilities of a record are of equally many classes. */
    boolean takes(PredictionRow row) {
        return isEmpty()
                || ids.size() < MAX_ROWS
                        && classes == row.probabilities().length
                        && (long) bytes + bytes(row) <= MAX_BYTES;
    }

    void add(PredictionRow row) {
        if (bytes(row) > MAX_ROW_BYTES) {
            throw refused(row, "is larger than a record may be", "allowed: " + MAX_ROW_BYTES + " bytes an example");
        }
        for (String slice : row.slices()) {
            if (slice.isEmpty() || slice.indexOf(';') >= 0) {
                throw refused(row, "is in slice '" + slice + "'", "allowed: names without semicolons");
            }
        }
        bytes += (int) bytes(row);
        classes = row.probabilities().length;
        ids.add(row.id());
        labels.add(row.label().orElse(-1));
        predicted.add(row.prediction());
        slices.add(String.join(";", row.slices()));
        sliced |= !row.slices().isEmpty();
        for (float probability : row.probabilities()) {
            probabilities.add(probability);
        }
    }

    /** The record, after which the next one begins. */
    Predictions take(Subject subject, String evaluator) {
        Predictions record = new Predictions(
                1,
                subject,
                evaluator,
                List.copyOf(ids),
                List.copyOf(labels),
                List.copyOf(predicted),
                sliced ? List.copyOf(slices) : List.of(),
                List.copyOf(probabilities),
                classes);
        ids.clear();
        labels.clear();
        predicted.clear();
        slices.clear();
        probabilities.clear();
        sliced = false;
        classes = 0;
        bytes = 0;
        return record;
    }

    /** At most so many bytes in a record: no character takes more than three. */
    private static long bytes(PredictionRow row) {
        long text = row.id().length();
        for (String slice : row.slices()) {
            text += slice.length() + 1;
        }
        return 3 * text + 4L * row.probabilities().length + 20;
    }

    private static ClientException refused(PredictionRow row, String problem, String allowed) {
        String id = row.id().length() > 40 ? row.id().substring(0, 40) + "..." : row.id();
        return new ClientException(
                ClientException.Reason.INVALID, "example '" + id + "'", problem, allowed, "correct it");
    }
}
