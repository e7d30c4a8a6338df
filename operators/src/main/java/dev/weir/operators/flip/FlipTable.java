package dev.weir.operators.flip;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The flips between two models: in all, by true class and by slice. A commutative monoid; see {@link FlipCounter} for
 * adding examples one by one.
 *
 * @param total of all examples
 * @param classes of the labelled examples of each class; sums to the labelled part of the total
 * @param slices of the examples of each slice; an example may be in several, or in none
 */
public record FlipTable(FlipTally total, SortedMap<Integer, FlipCounts> classes, SortedMap<String, FlipTally> slices) {

    public static final FlipTable ZERO =
            new FlipTable(FlipTally.ZERO, Collections.emptySortedMap(), Collections.emptySortedMap());

    public FlipTable {
        classes = sorted(classes);
        slices = sorted(slices);
        FlipCounts sum = classes.values().stream().reduce(FlipCounts.ZERO, FlipCounts::plus);
        if (!sum.equals(total.labelled())) {
            throw new IllegalArgumentException(
                    "flip table: its classes sum to " + sum + "; allowed: its total, " + total.labelled());
        }
    }

    /** The flips of both, which share no example. */
    public FlipTable plus(FlipTable other) {
        SortedMap<Integer, FlipCounts> bothClasses = new TreeMap<>(classes);
        other.classes.forEach((label, counts) -> bothClasses.merge(label, counts, FlipCounts::plus));
        SortedMap<String, FlipTally> bothSlices = new TreeMap<>(slices);
        other.slices.forEach((slice, tally) -> bothSlices.merge(slice, tally, FlipTally::plus));
        return new FlipTable(total.plus(other.total), bothClasses, bothSlices);
    }

    private static <K extends Comparable<K>, V> SortedMap<K, V> sorted(Map<K, V> map) {
        return Collections.unmodifiableSortedMap(new TreeMap<>(map));
    }
}
