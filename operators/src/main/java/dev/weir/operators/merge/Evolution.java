package dev.weir.operators.merge;

import dev.weir.operators.draw.Draws;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * An evolutionary search over vectors, as a function of the scores so far. The first generation is the zero vector and normal
 * draws around it; each later child is a random point between two of the best half-population so far, plus normal noise
 * whose size shrinks from generation to generation. Draws depend on the seed, the generation and the child alone.
 *
 * @param population vectors of a generation, 4 to 10,000; default 8
 * @param generations how many there are, 1 to 10,000; default 10
 * @param spread standard deviation of the first generation's draws, in [1e-9, 1e6]; default the search's
 * @param seed of the draws, 0 or more; default 0
 */
record Evolution(int population, int generations, double spread, long seed) {
    private static final double SHRINK = 0.7;

    /** The vectors that are to be scored next; empty: every generation is. */
    List<double[]> next(int dimensions, List<Double> scores) {
        int scored = scores.size() / population;
        List<double[]> all = vectors(dimensions, scores, Math.min(scored + 1, generations));
        return all.subList(scores.size(), all.size());
    }

    /** The vector with the highest score, the first of equals. */
    double[] best(int dimensions, List<Double> scores) {
        return fittest(vectors(dimensions, scores, generations), scores, 1).getFirst();
    }

    private List<double[]> vectors(int dimensions, List<Double> scores, int count) {
        List<double[]> all = new ArrayList<>();
        for (int generation = 0; generation < count; generation++) {
            List<double[]> parents = generation == 0
                    ? List.of(new double[dimensions])
                    : fittest(all, scores.subList(0, all.size()), population / 2);
            double size = spread * StrictMath.pow(SHRINK, generation);
            for (int child = 0; child < population; child++) {
                all.add(child(generation, child, parents, generation + child == 0 ? 0 : size));
            }
        }
        return all;
    }

    private double[] child(int generation, int number, List<double[]> parents, double size) {
        long key = Draws.key(seed, generation, number);
        long noise = Draws.key(seed, generation, number, 1);
        double[] one = parents.get((int) (Draws.uniform(key, 0) * parents.size()));
        double[] other = parents.get((int) (Draws.uniform(key, 1) * parents.size()));
        double share = Draws.uniform(key, 2);
        double[] child = new double[one.length];
        for (int i = 0; i < child.length; i++) {
            child[i] = other[i] + share * (one[i] - other[i]) + size * Draws.normal(noise, i);
        }
        return child;
    }

    /** What has no score is fitter than nothing. */
    private static double known(double score) {
        return Double.isNaN(score) ? Double.NEGATIVE_INFINITY : score;
    }

    private static List<double[]> fittest(List<double[]> vectors, List<Double> scores, int count) {
        return IntStream.range(0, vectors.size())
                .boxed()
                .sorted(Comparator.comparingDouble(number -> -known(scores.get(number))))
                .limit(count)
                .map(vectors::get)
                .toList();
    }
}
