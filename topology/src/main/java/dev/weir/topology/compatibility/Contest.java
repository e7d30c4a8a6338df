package dev.weir.topology.compatibility;

import dev.weir.operators.choice.BradleyTerry;
import dev.weir.operators.choice.ConvexEnsemble;
import dev.weir.operators.choice.EnsembleMoments;
import dev.weir.schemas.record.ChannelStandings;
import dev.weir.schemas.record.Subject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * The newest evaluated versions of the channels against one another: over the examples that all of them have, how often each is
 * right where another is wrong and how often two agree. The counts say all that strengths (Bradley and Terry) and the best
 * convex ensemble of votes depend on.
 */
final class Contest {
    /** Channels that are compared; each example is looked at for every pair of them. */
    static final int CHANNELS = 16;

    /** Wins that each has over every other beside those counted, so that a strength is finite. */
    private static final double PRIOR_WINS = 0.5;

    private final List<Subject> subjects;
    private final List<Evaluation> evaluations;
    private final long[] right;
    private final long[][] wins;
    private final long[][] alike;
    private long examples;

    private Contest(List<Subject> subjects, List<Evaluation> evaluations) {
        this.subjects = subjects;
        this.evaluations = evaluations;
        int count = subjects.size();
        right = new long[count];
        wins = new long[count][count];
        alike = new long[count][count];
    }

    /** How they stand; empty with fewer than two. */
    static Optional<ChannelStandings> standings(Evaluations all, Subject baseline) {
        Map<String, Subject> newest = new LinkedHashMap<>();
        for (Subject subject : all.allComplete()) {
            Subject known = newest.get(subject.getChannel());
            if (!Evaluations.isTried(subject) && (known == null || known.getVersion() < subject.getVersion())) {
                newest.remove(subject.getChannel());
                newest.put(subject.getChannel(), subject);
            }
        }
        int omitted = Math.max(0, newest.size() - CHANNELS);
        List<Subject> subjects =
                new ArrayList<>(newest.values().stream().skip(omitted).toList());
        if (all.complete(baseline) && !subjects.contains(baseline)) {
            subjects.add(baseline);
        }
        if (subjects.size() < 2) {
            return Optional.empty();
        }
        subjects.sort(Comparator.comparing(Subject::getChannel).thenComparing(Subject::getVersion));
        Contest contest = new Contest(
                subjects,
                subjects.stream()
                        .map(subject -> Objects.requireNonNull(all.of(subject)))
                        .toList());
        contest.count(all.examples());
        return Optional.of(contest.record(baseline, omitted));
    }

    private void count(Examples known) {
        int count = evaluations.size();
        Evaluation shortest = Collections.min(evaluations, Comparator.comparingLong(Evaluation::received));
        int[] predicted = new int[count];
        for (int example : shortest.examples().toArray()) {
            int label = known.label(example);
            if (label == Examples.NO_LABEL || !predictions(example, predicted)) {
                continue;
            }
            examples++;
            for (int i = 0; i < count; i++) {
                boolean isRight = predicted[i] == label;
                right[i] += isRight ? 1 : 0;
                for (int j = 0; j < count; j++) {
                    wins[i][j] += isRight && predicted[j] != label ? 1 : 0;
                    alike[i][j] += predicted[i] == predicted[j] ? 1 : 0;
                }
            }
        }
    }

    /** Whether all have a prediction of it. */
    private boolean predictions(int example, int[] predicted) {
        for (int i = 0; i < predicted.length; i++) {
            if (!evaluations.get(i).has(example)) {
                return false;
            }
            predicted[i] = evaluations.get(i).predicted(example);
        }
        return true;
    }

    private ChannelStandings record(Subject baseline, int omitted) {
        return ChannelStandings.newBuilder()
                .setSubjects(subjects)
                .setBaseline(baseline)
                .setExamples(examples)
                .setRight(Arrays.stream(right).boxed().toList())
                .setWins(rows(wins))
                .setAlike(rows(alike))
                .setStrengths(numbers(strengths(wins)))
                .setWeights(numbers(weights()))
                .setCalibrated(evaluations.stream()
                        .map(one -> one.confidences().examples())
                        .toList())
                .setCalibrationErrors(of(one -> one.confidences().error()))
                .setLosses(of(one -> one.confidences().loss()))
                .setScaledLosses(of(one -> one.confidences().scaledLoss()))
                .setOmitted(omitted)
                .build();
    }

    /** ln strengths; NaN where the iteration finds no end. */
    static double[] strengths(long[][] wins) {
        double[][] counts = new double[wins.length][wins.length];
        for (int i = 0; i < wins.length; i++) {
            for (int j = 0; j < wins.length; j++) {
                counts[i][j] = i == j ? 0 : wins[i][j] + PRIOR_WINS;
            }
        }
        try {
            return BradleyTerry.of(Map.of("prior", false)).fit(counts).scores();
        } catch (IllegalArgumentException withoutAnEnd) {
            double[] unknown = new double[wins.length];
            Arrays.fill(unknown, Double.NaN);
            return unknown;
        }
    }

    private double[] weights() {
        try {
            return ConvexEnsemble.fit(EnsembleMoments.ofVotes(alike, right, examples))
                    .scores();
        } catch (IllegalArgumentException alikeOrEmpty) {
            return new double[0];
        }
    }

    private List<Double> of(ToDoubleFunction<Evaluation> number) {
        return evaluations.stream().map(number::applyAsDouble).toList();
    }

    private static List<Long> rows(long[][] table) {
        return Arrays.stream(table).flatMapToLong(Arrays::stream).boxed().toList();
    }

    private static List<Double> numbers(double[] numbers) {
        return Arrays.stream(numbers).boxed().toList();
    }
}
