package dev.weir.it.results;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * An evolutionary search for coefficients that sum to 1: the better half of a population stays, its children take each free
 * coefficient from one of two parents and a normal step beside it. The first takes the rest. Same arguments, same result.
 */
final class Search {
    static final int POPULATION = 16;
    static final int GENERATIONS = 12;
    private static final double STEP = 0.15;
    private static final long SEED = 20_261_128;

    private record Candidate(double[] free, double loss) {}

    private Search() {}

    /**
     * The best of all coefficients that were tried; the uniform ones are among them, so that it is never worse than those.
     *
     * @param count how many, 2 or more
     * @param loss of coefficients; smaller is better
     */
    static double[] coefficients(int count, ToDoubleFunction<double[]> loss) {
        SplittableRandom random = new SplittableRandom(SEED);
        List<Candidate> population = new ArrayList<>();
        double[] uniform = new double[count - 1];
        Arrays.fill(uniform, 1.0 / count);
        population.add(scored(uniform, loss));
        while (population.size() < POPULATION) {
            population.add(scored(beside(uniform, uniform, random), loss));
        }
        for (int generation = 0; generation < GENERATIONS; generation++) {
            population.sort(Comparator.comparingDouble(Candidate::loss));
            population.subList(POPULATION / 2, POPULATION).clear();
            List<Candidate> children = new ArrayList<>();
            while (population.size() + children.size() < POPULATION) {
                double[] mother =
                        population.get(random.nextInt(population.size())).free();
                double[] father =
                        population.get(random.nextInt(population.size())).free();
                children.add(scored(beside(mother, father, random), loss));
            }
            population.addAll(children);
        }
        return all(population.stream()
                .min(Comparator.comparingDouble(Candidate::loss))
                .orElseThrow()
                .free());
    }

    private static double[] beside(double[] mother, double[] father, SplittableRandom random) {
        return IntStream.range(0, mother.length)
                .mapToDouble(i -> (random.nextBoolean() ? mother[i] : father[i]) + STEP * random.nextGaussian())
                .toArray();
    }

    private static Candidate scored(double[] free, ToDoubleFunction<double[]> loss) {
        return new Candidate(free, loss.applyAsDouble(all(free)));
    }

    private static double[] all(double[] free) {
        double[] all = new double[free.length + 1];
        all[0] = 1 - Arrays.stream(free).sum();
        System.arraycopy(free, 0, all, 1, free.length);
        return all;
    }
}
