package dev.weir.operators.flip;

import java.util.OptionalInt;

/**
 * Examples of one kind, the labelled and the others counted apart. A commutative monoid.
 *
 * @param labelled those whose right class is known
 * @param unlabelled those whose right class is not
 */
public record FlipTally(FlipCounts labelled, Changes unlabelled) {

    public static final FlipTally ZERO = new FlipTally(FlipCounts.ZERO, Changes.ZERO);

    /** The tally of one example. */
    public static FlipTally of(OptionalInt label, int oldPrediction, int newPrediction) {
        return label.isPresent()
                ? new FlipTally(FlipCounts.of(label.getAsInt(), oldPrediction, newPrediction), Changes.ZERO)
                : new FlipTally(FlipCounts.ZERO, Changes.of(oldPrediction, newPrediction));
    }

    /** The tally of both. */
    public FlipTally plus(FlipTally other) {
        return new FlipTally(labelled.plus(other.labelled), unlabelled.plus(other.unlabelled));
    }

    /** Labelled or not. */
    public long examples() {
        return Math.addExact(labelled.total(), unlabelled.examples());
    }
}
