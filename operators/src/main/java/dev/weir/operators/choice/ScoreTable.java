package dev.weir.operators.choice;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What candidates scored in tasks; greater is better.
 *
 * @param candidates names of the rows, all different
 * @param tasks names of the columns, all different
 * @param scores a row for each candidate; NaN where there is no score
 * @param weights of the tasks: finite, 0 or more, not all 0
 * @param groups of the tasks, for rules of two levels
 */
public record ScoreTable(
        List<String> candidates, List<String> tasks, double[][] scores, double[] weights, List<String> groups) {

    public ScoreTable {
        candidates = List.copyOf(candidates);
        tasks = List.copyOf(tasks);
        groups = List.copyOf(groups);
        requireDifferent("candidate", candidates);
        requireDifferent("task", tasks);
        if (scores.length != candidates.size()) {
            throw new IllegalArgumentException("scores: " + scores.length + " rows; allowed: one for each of "
                    + candidates.size() + " candidates");
        }
        for (int i = 0; i < scores.length; i++) {
            requireScores(candidates.get(i), scores[i], tasks);
        }
        if (weights.length != tasks.size()
                || !Arrays.stream(weights).allMatch(weight -> weight >= 0 && weight < Double.POSITIVE_INFINITY)
                || Arrays.stream(weights).sum() == 0) {
            throw new IllegalArgumentException("task weights: " + Arrays.toString(weights)
                    + "; allowed: one for each of " + tasks.size() + " tasks, 0 or more, not all 0");
        }
        if (groups.size() != tasks.size()) {
            throw new IllegalArgumentException(
                    "task groups: " + groups.size() + "; allowed: one for each of " + tasks.size() + " tasks");
        }
    }

    /** Tasks of equal weight in one group. */
    public static ScoreTable of(List<String> candidates, List<String> tasks, double[][] scores) {
        double[] weights = new double[tasks.size()];
        Arrays.fill(weights, 1);
        return new ScoreTable(
                candidates,
                tasks,
                scores,
                weights,
                tasks.stream().map(task -> "").toList());
    }

    /** Number of candidates. */
    public int size() {
        return candidates.size();
    }

    /** Sum of the tasks' weights. */
    public double totalWeight() {
        return Arrays.stream(weights).sum();
    }

    /** Whether a score is missing. */
    public boolean hasGaps() {
        return Arrays.stream(scores).flatMapToDouble(Arrays::stream).anyMatch(Double::isNaN);
    }

    /**
     * The same table, where no score is missing.
     *
     * @param rule that asks, for messages
     * @throws IllegalArgumentException if one is; the message names it
     */
    public ScoreTable complete(String rule) {
        for (int i = 0; i < size(); i++) {
            for (int t = 0; t < tasks.size(); t++) {
                if (Double.isNaN(scores[i][t])) {
                    throw new IllegalArgumentException("rule " + rule + ": candidate " + candidates.get(i)
                            + " has no score in task " + tasks.get(t)
                            + "; allowed: a score in every task, or a rule that takes gaps: copeland, minimax, condorcet,"
                            + " buckets, mean, optimality-gap");
                }
            }
        }
        return this;
    }

    /** The candidates at these rows alone. */
    public ScoreTable rows(int[] rows) {
        return new ScoreTable(
                Arrays.stream(rows).mapToObj(candidates::get).toList(),
                tasks,
                Arrays.stream(rows).mapToObj(row -> scores[row]).toArray(double[][]::new),
                weights,
                groups);
    }

    /** The tasks at these columns alone. */
    public ScoreTable columns(int[] columns) {
        return new ScoreTable(
                candidates,
                Arrays.stream(columns).mapToObj(tasks::get).toList(),
                Arrays.stream(scores).map(row -> pick(row, columns)).toArray(double[][]::new),
                pick(weights, columns),
                Arrays.stream(columns).mapToObj(groups::get).toList());
    }

    /** The columns of a group. */
    public int[] columnsOf(String group) {
        return IntStream.range(0, groups.size())
                .filter(t -> groups.get(t).equals(group))
                .toArray();
    }

    /** The scores in a task, by candidate. */
    public double[] task(int column) {
        return Arrays.stream(scores).mapToDouble(row -> row[column]).toArray();
    }

    private static double[] pick(double[] values, int[] at) {
        return Arrays.stream(at).mapToDouble(i -> values[i]).toArray();
    }

    private static void requireDifferent(String what, List<String> names) {
        HashSet<String> seen = new HashSet<>();
        for (String name : names) {
            if (!seen.add(name)) {
                throw new IllegalArgumentException(what + " " + name + ": comes twice; allowed: once");
            }
        }
        if (names.isEmpty()) {
            throw new IllegalArgumentException("score table: has no " + what + "; allowed: at least one");
        }
    }

    private static void requireScores(String candidate, double[] row, List<String> tasks) {
        if (row.length != tasks.size()) {
            throw new IllegalArgumentException("candidate " + candidate + ": " + row.length
                    + " scores; allowed: one for each of " + tasks.size() + " tasks");
        }
        for (int t = 0; t < row.length; t++) {
            if (Double.isInfinite(row[t])) {
                throw new IllegalArgumentException("candidate " + candidate + ": score " + row[t] + " in task "
                        + tasks.get(t) + "; allowed: a finite number, or none");
            }
        }
    }
}
