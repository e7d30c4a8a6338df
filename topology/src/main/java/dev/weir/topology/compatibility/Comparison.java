package dev.weir.topology.compatibility;

import dev.weir.operators.flip.FlipCounter;
import dev.weir.operators.flip.FlipTable;
import java.util.OptionalInt;

/**
 * A candidate against the baseline, counted as predictions come.
 */
final class Comparison {
    private final Examples examples;
    private final Evaluation baseline;
    private final Evaluation candidate;
    private final FlipCounter flips = new FlipCounter();
    private long unknown;

    Comparison(Examples examples, Evaluation baseline, Evaluation candidate) {
        this.examples = examples;
        this.baseline = baseline;
        this.candidate = candidate;
        candidate.examples().forEach(this::add);
    }

    /** Counts an example that one of the two, or another evaluation, has a prediction of since a moment ago. */
    void took(Evaluation evaluation, int example) {
        if (evaluation == candidate) {
            add(example);
        } else if (evaluation == baseline && candidate.has(example)) {
            unknown--;
            add(example);
        }
    }

    /** Whether both have a prediction of it. */
    boolean counted(int example) {
        return baseline.has(example) && candidate.has(example);
    }

    private void add(int example) {
        if (!baseline.has(example)) {
            unknown++;
            return;
        }
        int label = examples.label(example);
        flips.add(
                label == Examples.NO_LABEL ? OptionalInt.empty() : OptionalInt.of(label),
                baseline.predicted(example),
                candidate.predicted(example),
                examples.slices(example));
    }

    FlipTable table() {
        return flips.table();
    }

    /** Examples of the candidate that the baseline lacks. */
    long unknown() {
        return unknown;
    }

    /** Examples of the baseline that the candidate lacks. */
    long missing() {
        return baseline.received() - (candidate.received() - unknown);
    }
}
