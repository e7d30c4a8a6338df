package dev.weir.cli.flips;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/** What is known of an example; classes not known are {@link #NONE}, a cluster not known is empty. */
final class Example {

    static final int NONE = -1;

    private final int[] predictions = new int[Side.values().length];

    int label = NONE;
    String cluster = "";
    List<String> slices = List.of();

    Example() {
        Arrays.fill(predictions, NONE);
    }

    int prediction(Side side) {
        return predictions[side.ordinal()];
    }

    void predicted(Side side, int prediction) {
        predictions[side.ordinal()] = prediction;
    }

    boolean isIn(Side side) {
        return prediction(side) != NONE;
    }

    OptionalInt knownLabel() {
        return label == NONE ? OptionalInt.empty() : OptionalInt.of(label);
    }
}
