package dev.weir.operators.flip;

import dev.weir.operators.hash.Hash;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Intervals for figures that have no formula of their own, such as the relative negative flip rate. In each replicate an example counts
 * as often as a draw from the Poisson distribution of mean 1 says; the draw is a hash of the example's id and the number of the
 * replicate, so that order, splitting and the machine change nothing. A commutative monoid.
 *
 * <p>Source: Chamandy et al., Estimating Uncertainty for Massive Data Streams (2012), section 3; percentile intervals: Efron and
 * Tibshirani, An Introduction to the Bootstrap (1993), chapter 13.
 */
public final class PoissonBootstrap {

    /** Replicates at most. */
    public static final int MAX_REPLICATES = 100_000;

    /** P(X ≤ k) for k of 0 to 17, beyond which f64 knows no more. */
    private static final double[] CUMULATIVE = cumulative();

    /**
     * An interval.
     *
     * @param bounds between which the figure of the given share of replicates lies
     * @param undefined replicates in which there is no such figure, left out of the bounds
     */
    public record Estimate(Interval bounds, int undefined) {

        /** Whether the replicates differ; where they do not, the bounds say nothing of the figure's error. */
        public boolean varies() {
            return bounds.lower() < bounds.upper();
        }
    }

    private final List<SortedMap<Integer, FlipCounts>> replicates = new ArrayList<>();

    /** Of no examples, with so many replicates: 200 to 1,000 is usual. */
    public PoissonBootstrap(int replicates) {
        if (replicates < 1 || replicates > MAX_REPLICATES) {
            throw new IllegalArgumentException("replicates: " + replicates + "; allowed: 1 to " + MAX_REPLICATES);
        }
        for (int b = 0; b < replicates; b++) {
            this.replicates.add(new TreeMap<>());
        }
    }

    /**
     * Takes in a labelled example; each must be given once.
     *
     * @param id of the example
     */
    public void add(String id, int label, int oldPrediction, int newPrediction) {
        add(id, new TreeMap<>(Map.of(label, FlipCounts.of(label, oldPrediction, newPrediction))));
    }

    /**
     * Takes in labelled examples that are drawn as one; each must be given once, all of one id at once or in parts.
     *
     * @param id of what they belong to
     * @param classes their counts by true class
     */
    public void add(String id, SortedMap<Integer, FlipCounts> classes) {
        long hash = Hash.of(id);
        for (int b = 0; b < replicates.size(); b++) {
            int times = poisson(Hash.uniform(Hash.mix(hash + Hash.mix(b))));
            if (times > 0) {
                SortedMap<Integer, FlipCounts> replicate = replicates.get(b);
                classes.forEach((label, counts) -> replicate.merge(label, times(counts, times), FlipCounts::plus));
            }
        }
    }

    /** Takes in what another, of as many replicates, has taken in. */
    public void add(PoissonBootstrap other) {
        if (other.replicates.size() != replicates.size()) {
            throw new IllegalArgumentException(
                    "replicates: " + other.replicates.size() + "; allowed: as many as here, " + replicates.size());
        }
        for (int b = 0; b < replicates.size(); b++) {
            SortedMap<Integer, FlipCounts> here = replicates.get(b);
            other.replicates.get(b).forEach((label, counts) -> here.merge(label, counts, FlipCounts::plus));
        }
    }

    /**
     * The percentile interval of a figure.
     *
     * @param figure of the counts by true class; empty where it is undefined
     * @param confidence share of the replicates between its bounds, between 0 and 1
     * @return empty where the figure is undefined in every replicate
     */
    public Optional<Estimate> interval(
            Function<SortedMap<Integer, FlipCounts>, OptionalDouble> figure, double confidence) {
        Normal.twoSided(confidence);
        double[] values = replicates.stream()
                .flatMapToDouble(counts -> figure.apply(counts).stream())
                .sorted()
                .toArray();
        if (values.length == 0) {
            return Optional.empty();
        }
        double tail = (1 - confidence) / 2;
        Interval bounds = new Interval(quantile(values, tail), quantile(values, 1 - tail));
        return Optional.of(new Estimate(bounds, replicates.size() - values.length));
    }

    /** The counts over all classes. */
    public static FlipCounts total(SortedMap<Integer, FlipCounts> classes) {
        return classes.values().stream().reduce(FlipCounts.ZERO, FlipCounts::plus);
    }

    static int poisson(double uniform) {
        int at = Arrays.binarySearch(CUMULATIVE, uniform);
        return at >= 0 ? at + 1 : -at - 1;
    }

    private static FlipCounts times(FlipCounts one, int times) {
        return new FlipCounts(
                Math.multiplyExact(one.bothRight(), times),
                Math.multiplyExact(one.negative(), times),
                Math.multiplyExact(one.positive(), times),
                Math.multiplyExact(one.bothWrong(), times),
                Math.multiplyExact(one.bothWrongChanged(), times));
    }

    /** Linear between order statistics, (n − 1) p from the first. */
    private static double quantile(double[] sorted, double probability) {
        double at = (sorted.length - 1) * probability;
        int below = (int) at;
        int above = Math.min(sorted.length - 1, below + 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }

    private static double[] cumulative() {
        double[] cumulative = new double[18];
        double probability = StrictMath.exp(-1);
        double sum = 0;
        for (int k = 0; k < cumulative.length; k++) {
            sum += probability;
            cumulative[k] = sum;
            probability /= k + 1;
        }
        return cumulative;
    }
}
