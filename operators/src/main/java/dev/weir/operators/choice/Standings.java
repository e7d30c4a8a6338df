package dev.weir.operators.choice;

import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * What a rule makes of candidates.
 *
 * @param scores of the candidates, by the rule's own measure; greater is better
 * @param ranks of the candidates: 1 and one for each candidate that is better; equal for tied ones
 * @param ofCandidates further numbers of each candidate, by name
 * @param ofTasks numbers of each task, by name
 * @param figures numbers of the whole, by name
 */
public record Standings(
        double[] scores,
        int[] ranks,
        SortedMap<String, double[]> ofCandidates,
        SortedMap<String, double[]> ofTasks,
        SortedMap<String, Double> figures) {

    /** Scores that differ by less than this share of the largest are equal: sums of weights round. */
    static final double TIE = 1e-12;

    public Standings {
        ofCandidates = Collections.unmodifiableSortedMap(new TreeMap<>(ofCandidates));
        ofTasks = Collections.unmodifiableSortedMap(new TreeMap<>(ofTasks));
        figures = Collections.unmodifiableSortedMap(new TreeMap<>(figures));
    }

    /** Standings by scores alone. */
    public static Standings of(double[] scores) {
        return of(scores, Map.of(), Map.of(), Map.of());
    }

    /** Standings by scores, with further numbers. */
    public static Standings of(
            double[] scores,
            Map<String, double[]> ofCandidates,
            Map<String, double[]> ofTasks,
            Map<String, Double> figures) {
        double largest = Arrays.stream(scores).map(Math::abs).max().orElse(0);
        return of(TIE * largest, scores, ofCandidates, ofTasks, figures);
    }

    /** Standings in which scores that differ by at most {@code tie} are equal. */
    static Standings of(
            double tie,
            double[] scores,
            Map<String, double[]> ofCandidates,
            Map<String, double[]> ofTasks,
            Map<String, Double> figures) {
        return new Standings(
                scores,
                ranks(scores, tie),
                new TreeMap<>(ofCandidates),
                new TreeMap<>(ofTasks),
                new TreeMap<>(figures));
    }

    /** A number of the whole, which must be there. */
    public double figure(String name) {
        return Objects.requireNonNull(figures.get(name), name);
    }

    /** A further number of each candidate, which must be there. */
    public double[] ofCandidates(String name) {
        return Objects.requireNonNull(ofCandidates.get(name), name);
    }

    /** A number of each task, which must be there. */
    public double[] ofTasks(String name) {
        return Objects.requireNonNull(ofTasks.get(name), name);
    }

    /** The candidates from the best on; tied ones in the order of the table. */
    public int[] order() {
        return IntStream.range(0, ranks.length)
                .boxed()
                .sorted((a, b) -> Integer.compare(ranks[a], ranks[b]))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private static int[] ranks(double[] scores, double tie) {
        int[] order = IntStream.range(0, scores.length)
                .boxed()
                .sorted((a, b) -> Double.compare(scores[b], scores[a]))
                .mapToInt(Integer::intValue)
                .toArray();
        int[] ranks = new int[scores.length];
        for (int place = 0; place < order.length; place++) {
            boolean tied = place > 0 && scores[order[place - 1]] - scores[order[place]] <= tie;
            ranks[order[place]] = tied ? ranks[order[place - 1]] : place + 1;
        }
        return ranks;
    }
}
