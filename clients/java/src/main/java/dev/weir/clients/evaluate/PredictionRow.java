package dev.weir.clients.evaluate;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a model says of one example.
 *
 * @param id the example's name, not empty
 * @param label its right class where known, 0 or more
 * @param prediction the model's class, 0 or more
 * @param slices names of the slices it is in, each once; may be empty
 * @param probabilities of the classes from 0 on; empty where the model gives none
 * @param cluster what the example hangs together with, such as its document or its user; empty where it stands alone
 */
public record PredictionRow(
        String id,
        OptionalInt label,
        int prediction,
        List<String> slices,
        float[] probabilities,
        Optional<String> cluster) {

    public PredictionRow {
        if (id.isEmpty()) {
            throw new IllegalArgumentException("id: is empty; allowed: a name");
        }
        requireClass("label", label.orElse(0));
        requireClass("prediction", prediction);
        if (cluster.isPresent() && cluster.get().isEmpty()) {
            throw new IllegalArgumentException("cluster: is empty; allowed: a name, or none");
        }
        slices = List.copyOf(slices);
    }

    /** Of an example that stands alone. */
    public PredictionRow(String id, OptionalInt label, int prediction, List<String> slices, float[] probabilities) {
        this(id, label, prediction, slices, probabilities, Optional.empty());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PredictionRow
                && id.equals(((PredictionRow) other).id)
                && label.equals(((PredictionRow) other).label)
                && prediction == ((PredictionRow) other).prediction
                && slices.equals(((PredictionRow) other).slices)
                && Arrays.equals(probabilities, ((PredictionRow) other).probabilities)
                && cluster.equals(((PredictionRow) other).cluster);
    }

    @Override
    public int hashCode() {
        return 31 * id.hashCode() + prediction;
    }

    @Override
    public String toString() {
        return "PredictionRow[id=" + id + ", label=" + label + ", prediction=" + prediction + ", slices=" + slices
                + ", probabilities=" + Arrays.toString(probabilities) + ", cluster=" + cluster.orElse("-") + "]";
    }

    private static void requireClass(String name, int value) {
        if (value < 0) {
            throw new IllegalArgumentException(name + ": " + value + "; allowed: 0 to " + Integer.MAX_VALUE);
        }
    }
}
