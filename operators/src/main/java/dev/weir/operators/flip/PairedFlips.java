package dev.weir.operators.flip;

import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Two candidates against the same old model, on the same labelled examples. Their rates are paired: an example that both break, or
 * neither, says nothing about which is worse. A commutative monoid.
 *
 * <p>Source: McNemar, Note on the Sampling Error of the Difference Between Correlated Proportions or Percentages, Psychometrika 12
 * (1947), on negative flips in place of errors.
 *
 * @param first the first candidate's counts against the old model
 * @param second the second candidate's, on the same examples: as many, and as many that the old model has right
 * @param both negative flips of both, 0 to the fewer of theirs
 */
public record PairedFlips(FlipCounts first, FlipCounts second, long both) {

    public static final PairedFlips ZERO = new PairedFlips(FlipCounts.ZERO, FlipCounts.ZERO, 0);

    public PairedFlips {
        if (first.total() != second.total()
                || first.bothRight() + first.negative() != second.bothRight() + second.negative()) {
            throw new IllegalArgumentException("paired flips: the first candidate has " + first + ", the second "
                    + second + "; allowed: counts of the same examples against the same old model");
        }
        long most = Math.min(first.negative(), second.negative());
        if (both < 0 || both > most) {
            throw new IllegalArgumentException("paired flips: both: " + both + "; allowed: 0 to " + most);
        }
    }

    /** The flips of one example. */
    public static PairedFlips of(int label, int oldPrediction, int firstPrediction, int secondPrediction) {
        FlipCounts first = FlipCounts.of(label, oldPrediction, firstPrediction);
        FlipCounts second = FlipCounts.of(label, oldPrediction, secondPrediction);
        return new PairedFlips(first, second, first.negative() * second.negative());
    }

    /** The flips of both, which share no example. */
    public PairedFlips plus(PairedFlips other) {
        return new PairedFlips(first.plus(other.first), second.plus(other.second), Math.addExact(both, other.both));
    }

    /** n: the examples. */
    public long total() {
        return first.total();
    }

    /** Negative flips of the first candidate alone. */
    public long onlyFirst() {
        return first.negative() - both;
    }

    /** Negative flips of the second candidate alone. */
    public long onlySecond() {
        return second.negative() - both;
    }

    /** The first candidate's NFR less the second's: (onlyFirst − onlySecond) / n. */
    public OptionalDouble difference() {
        return total() == 0
                ? OptionalDouble.empty()
                : OptionalDouble.of((double) (onlyFirst() - onlySecond()) / total());
    }

    /** Its normal interval; empty where no example tells the candidates apart, or all do alike. */
    public Optional<Interval> differenceInterval(double confidence) {
        return PairedDifference.interval(onlyFirst(), onlySecond(), total(), confidence);
    }

    /** McNemar's test of equal rates: of the examples that one candidate breaks, whether either breaks half. */
    public FlipReport.Test test() {
        return FlipReport.Test.of(onlyFirst(), onlySecond());
    }
}
