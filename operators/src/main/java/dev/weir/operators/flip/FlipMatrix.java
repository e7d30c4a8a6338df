package dev.weir.operators.flip;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Negative flips by what became of them: for each class that the old model read right, the classes for which the new one takes it.
 * Sparse; a commutative monoid.
 *
 * @param flips by the right class, then by the new prediction; every count is above 0
 */
public record FlipMatrix(SortedMap<Integer, SortedMap<Integer, Long>> flips) {

    public static final FlipMatrix ZERO = new FlipMatrix(Collections.emptySortedMap());

    public FlipMatrix {
        SortedMap<Integer, SortedMap<Integer, Long>> copy = new TreeMap<>();
        flips.forEach((label, row) -> copy.put(label, Collections.unmodifiableSortedMap(new TreeMap<>(row))));
        flips = Collections.unmodifiableSortedMap(copy);
    }

    /** That of one example; {@link #ZERO} unless it is a negative flip. */
    public static FlipMatrix of(int label, int oldPrediction, int newPrediction) {
        return oldPrediction == label && newPrediction != label
                ? new FlipMatrix(new TreeMap<>(Map.of(label, new TreeMap<>(Map.of(newPrediction, 1L)))))
                : ZERO;
    }

    /** The flips of both. */
    public FlipMatrix plus(FlipMatrix other) {
        SortedMap<Integer, SortedMap<Integer, Long>> sum = new TreeMap<>();
        flips.forEach((label, row) -> sum.put(label, new TreeMap<>(row)));
        other.flips.forEach((label, row) -> row.forEach((prediction, count) ->
                sum.computeIfAbsent(label, absent -> new TreeMap<>()).merge(prediction, count, Math::addExact)));
        return new FlipMatrix(sum);
    }

    /** All negative flips. */
    public long total() {
        return flips.values().stream()
                .flatMap(row -> row.values().stream())
                .mapToLong(Long::longValue)
                .sum();
    }
}
