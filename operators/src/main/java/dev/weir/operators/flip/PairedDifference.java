package dev.weir.operators.flip;

import java.util.Optional;

/** The difference of two proportions of the same cases. */
final class PairedDifference {

    private PairedDifference() {}

    /**
     * The normal interval of (more − less) / total, from the variance ((more + less) / total − ((more − less) / total)²) / total;
     * empty where that is 0, and says nothing, because no case differs or all differ alike.
     *
     * @param more cases that count in the first proportion alone, 0 or more
     * @param less cases that count in the second alone, 0 or more
     * @param total all cases, at least as many as both
     * @param confidence between 0 and 1
     */
    static Optional<Interval> interval(long more, long less, long total, double confidence) {
        double z = Normal.twoSided(confidence);
        double differing = (double) more + less;
        double n = total;
        boolean allAlike = Math.max(more, less) == total;
        if (differing == 0 || allAlike) {
            return Optional.empty();
        }
        double difference = (more - less) / n;
        double half = z * StrictMath.sqrt((differing / n - difference * difference) / n);
        return Optional.of(new Interval(Math.max(-1, difference - half), Math.min(1, difference + half)));
    }
}
