package dev.weir.operators.flip;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;

/** Counts flips one example at a time, in any order; each example must be given once. */
public final class FlipCounter {

    private FlipTally total = FlipTally.ZERO;
    private final Map<Integer, FlipCounts> classes = new HashMap<>();
    private final Map<String, FlipTally> slices = new HashMap<>();

    /**
     * Counts an example.
     *
     * @param label its right class where known, 0 or more
     * @param oldPrediction the old model's class, 0 or more
     * @param newPrediction the new model's class, 0 or more
     * @param slicesOfExample names of the slices it is in; one named twice counts once
     */
    public void add(OptionalInt label, int oldPrediction, int newPrediction, Collection<String> slicesOfExample) {
        requireClass("label", label.orElse(0));
        requireClass("old prediction", oldPrediction);
        requireClass("new prediction", newPrediction);
        FlipTally one = FlipTally.of(label, oldPrediction, newPrediction);
        total = total.plus(one);
        if (label.isPresent()) {
            classes.merge(label.getAsInt(), one.labelled(), FlipCounts::plus);
        }
        for (String slice : slicesOfExample.size() < 2 ? slicesOfExample : Set.copyOf(slicesOfExample)) {
            slices.merge(slice, one, FlipTally::plus);
        }
    }

    /** What was counted so far. */
    public FlipTable table() {
        return new FlipTable(total, new TreeMap<>(classes), new TreeMap<>(slices));
    }

    private static void requireClass(String name, int value) {
        if (value < 0) {
            throw new IllegalArgumentException(name + ": " + value + "; allowed: 0 to " + Integer.MAX_VALUE);
        }
    }
}
