package dev.weir.it.results;

import dev.weir.it.fixture.Mnist;
import dev.weir.it.fixture.StreamAverage;
import dev.weir.it.fixture.Weights;
import dev.weir.operators.merge.Coefficients;
import dev.weir.operators.merge.LinearMerge;
import dev.weir.operators.merge.MergeSpec;
import dev.weir.operators.merge.Merges;
import dev.weir.operators.merge.Models;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A width made after the run, against the average of that width that was folded all along.
 *
 * @param sigmaRel the width
 * @param snapshots of each of the two tracked profiles
 * @param profileError length of the difference of the effective weights, as a share of the length of the true ones
 * @param weightsError length of the difference of the models
 * @param weightsBound what the difference of the effective weights allows for it: that length times the root of the sum of the
 *     checkpoints' squared distances from the true average (Cauchy and Schwarz; both sets of weights sum to 1)
 * @param correct evaluation digits that it names rightly
 * @param trueCorrect those that the true average names rightly
 */
record Reconstruction(
        double sigmaRel,
        int snapshots,
        double profileError,
        double weightsError,
        double weightsBound,
        int correct,
        int trueCorrect) {

    private static final MergeSpec POST_HOC = Merges.all().stream()
            .filter(spec -> spec.name().equals("post-hoc-ema"))
            .findFirst()
            .orElseThrow();

    /** @param dir where {@link TrajectoryResults} wrote the snapshots */
    static Reconstruction of(
            Path dir, SortedMap<Long, Weights> checkpoints, Mnist evaluation, double sigmaRel, int snapshots) {
        List<Long> steps = List.copyOf(checkpoints.keySet());
        List<Long> times = TrajectoryResults.spaced(steps, snapshots);
        double[] wanted = profile(steps, sigmaRel, steps.size());
        double[] made = made(steps, times, sigmaRel);
        Weights truth = TrajectoryResults.averages("power-ema", Map.of("sigma-rel", sigmaRel), checkpoints)
                .sequencedValues()
                .getLast();
        Weights reconstructed = TrajectoryResults.postHoc(dir, sigmaRel, times);
        double length = length(wanted);
        double difference = length(IntStream.range(0, made.length)
                .mapToDouble(i -> made[i] - wanted[i])
                .toArray());
        double spread = Math.sqrt(checkpoints.values().stream()
                .mapToDouble(weights -> distance(weights, truth))
                .map(distance -> distance * distance)
                .sum());
        return new Reconstruction(
                sigmaRel,
                snapshots,
                difference / length,
                distance(reconstructed, truth),
                difference * spread,
                evaluation.correct(reconstructed),
                evaluation.correct(truth));
    }

    /** Effective weights of all checkpoints in the combination of snapshots. */
    static double[] made(List<Long> steps, List<Long> times, double sigmaRel) {
        List<Long> both = Stream.of(times, times).flatMap(List::stream).toList();
        Coefficients coefficients = ((LinearMerge) POST_HOC.create(Map.of("sigma-rel", sigmaRel)))
                .coefficients(new Models(both.size(), both, List.of("w"), List.of()));
        double[] made = new double[steps.size()];
        for (int i = 0; i < both.size(); i++) {
            double tracked = TrajectoryResults.TRACKED.get(i / times.size());
            double[] one = profile(steps, tracked, steps.indexOf(both.get(i)) + 1);
            for (int t = 0; t < made.length; t++) {
                made[t] += coefficients.of(0)[i] * one[t];
            }
        }
        return made;
    }

    /** Effective weights of all checkpoints in an average over the first so many; the others weigh nothing. */
    private static double[] profile(List<Long> steps, double sigmaRel, int count) {
        double[] weights =
                StreamAverage.effectiveWeights("power-ema", Map.of("sigma-rel", sigmaRel), steps.subList(0, count));
        double[] all = new double[steps.size()];
        System.arraycopy(weights, 0, all, 0, count);
        return all;
    }

    private static double length(double[] values) {
        return Math.sqrt(DoubleStream.of(values).map(value -> value * value).sum());
    }

    private static double distance(Weights one, Weights other) {
        double sum = 0;
        for (int t = 0; t < one.tensors().size(); t++) {
            for (int i = 0; i < one.tensors().get(t).length; i++) {
                double difference =
                        (double) one.tensors().get(t)[i] - other.tensors().get(t)[i];
                sum += difference * difference;
            }
        }
        return Math.sqrt(sum);
    }

    /** One for each width and number of snapshots. */
    static List<Reconstruction> all(
            Path dir, SortedMap<Long, Weights> checkpoints, Mnist evaluation, List<Integer> snapshots) {
        List<Reconstruction> all = new ArrayList<>();
        for (double sigmaRel : TrajectoryResults.WIDTHS) {
            for (int count : snapshots) {
                all.add(of(dir, checkpoints, evaluation, sigmaRel, count));
            }
        }
        return List.copyOf(all);
    }
}
