package dev.weir.it.results;

import dev.weir.cli.demo.ClassIncremental;
import dev.weir.cli.demo.ClassIncremental.ClassDigits;
import dev.weir.it.fixture.Mnist;
import dev.weir.it.fixture.StreamAverage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A class-incremental stream, evaluated every few steps, with a temporal ensemble and without.
 *
 * @param name of what is evaluated
 * @param accuracies of each evaluation, of each task; a task that has not begun counts nowhere
 * @param tasks of each evaluation, the one that is trained, from 0
 */
record ContinualResults(String name, List<double[]> accuracies, List<Integer> tasks) {
    /** Trainer steps between evaluations; the ensembles take in every step. */
    static final int EVERY = 4;

    ContinualResults {
        accuracies = List.copyOf(accuracies);
        tasks = List.copyOf(tasks);
    }

    /** The model itself, then averages of it with these decays. */
    static List<ContinualResults> measure(List<Double> decays, long seed) throws IOException {
        ClassDigits digits = ClassDigits.of(Mnist.training(ClassIncremental.TRAINED), Mnist.evaluation());
        List<StreamAverage> averages = decays.stream()
                .map(decay -> new StreamAverage("online-ensemble", Map.of("decay", decay), ClassIncremental.LAYOUT))
                .toList();
        List<Integer> tasks = new ArrayList<>();
        List<List<double[]>> accuracies = new ArrayList<>(List.of(new ArrayList<>()));
        averages.forEach(average -> accuracies.add(new ArrayList<>()));
        ClassIncremental.train(digits, seed, (step, task, weights) -> {
            averages.forEach(average -> average.add(step, weights));
            if (step % EVERY == 0) {
                tasks.add(task);
                accuracies.getFirst().add(digits.accuracies(weights));
                for (int i = 0; i < averages.size(); i++) {
                    accuracies
                            .get(i + 1)
                            .add(digits.accuracies(averages.get(i).emit().orElseThrow()));
                }
            }
        });
        List<ContinualResults> results = new ArrayList<>();
        for (int i = 0; i < accuracies.size(); i++) {
            String name = i == 0 ? "model" : "online-ensemble decay=" + decays.get(i - 1);
            results.add(new ContinualResults(name, accuracies.get(i), tasks));
        }
        return List.copyOf(results);
    }

    /** Mean accuracy over the tasks that have begun, at each evaluation. */
    double[] seen() {
        double[] seen = new double[tasks.size()];
        for (int step = 0; step < seen.length; step++) {
            seen[step] = Arrays.stream(accuracies.get(step), 0, tasks.get(step) + 1)
                    .average()
                    .orElseThrow();
        }
        return seen;
    }

    /** Accuracy over all tasks at the end. */
    double last() {
        return seen()[tasks.size() - 1];
    }

    /** Average anytime accuracy: the mean of {@link #seen} over all evaluations. */
    double anytime() {
        return Arrays.stream(seen()).average().orElseThrow();
    }

    /** Worst fall of {@link #seen} from one evaluation to the next within a task. */
    double largestFall() {
        double[] seen = seen();
        double largest = 0;
        for (int step = 1; step < seen.length; step++) {
            if (tasks.get(step).equals(tasks.get(step - 1))) {
                largest = Math.max(largest, seen[step - 1] - seen[step]);
            }
        }
        return largest;
    }

    /** Mean over the earlier tasks of the lowest accuracy that each has after its own training, at any later evaluation. */
    double minimum() {
        double sum = 0;
        int earlier = tasks.getLast();
        for (int task = 0; task < earlier; task++) {
            double lowest = 1;
            for (int step = endOf(task); step < tasks.size(); step++) {
                lowest = Math.min(lowest, accuracies.get(step)[task]);
            }
            sum += lowest;
        }
        return sum / earlier;
    }

    /** Worst-case accuracy at the end: the newest task's accuracy and {@link #minimum}, weighed by their tasks. */
    double worstCase() {
        int count = tasks.getLast() + 1;
        return accuracies.getLast()[count - 1] / count + minimum() * (count - 1) / count;
    }

    /** Forgetting: mean over the earlier tasks of the best accuracy at any task's end, less that at the end. */
    double forgetting() {
        double sum = 0;
        int earlier = tasks.getLast();
        for (int task = 0; task < earlier; task++) {
            double best = 0;
            for (int end = task; end < earlier; end++) {
                best = Math.max(best, accuracies.get(endOf(end))[task]);
            }
            sum += best - accuracies.getLast()[task];
        }
        return sum / earlier;
    }

    private int endOf(int task) {
        return tasks.lastIndexOf(task);
    }
}
