package dev.weir.operators.choice;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/** Score tables for tests. */
final class Tables {

    private Tables() {}

    /** Candidates a, b, c ... by tasks t0, t1 ...; a row for each candidate. */
    static ScoreTable of(double[]... scores) {
        return ScoreTable.of(names(scores.length), tasks(scores[0].length), scores);
    }

    static ScoreTable weighted(double[] weights, double[]... scores) {
        ScoreTable table = of(scores);
        return new ScoreTable(table.candidates(), table.tasks(), scores, weights, table.groups());
    }

    static ScoreTable grouped(List<String> groups, double[]... scores) {
        ScoreTable table = of(scores);
        return new ScoreTable(table.candidates(), table.tasks(), scores, table.weights(), groups);
    }

    /** Three tasks say a > b > c, two say b > c > a. */
    static ScoreTable threeToTwo() {
        return of(new double[] {3, 3, 3, 1, 1}, new double[] {2, 2, 2, 3, 3}, new double[] {1, 1, 1, 2, 2});
    }

    /** Scores of few values, so that some tie, and random weights. */
    static ScoreTable random(Random random, int candidates, int tasks) {
        double[][] scores = new double[candidates][tasks];
        double[] weights = new double[tasks];
        for (int t = 0; t < tasks; t++) {
            weights[t] = 0.1 * (1 + random.nextInt(9));
            for (double[] row : scores) {
                row[t] = random.nextInt(2 * candidates);
            }
        }
        return weighted(weights, scores);
    }

    static double[] scores(String rule, ScoreTable table) {
        return Rules.create(rule, Map.of()).rank(table).scores();
    }

    static int[] ranks(String rule, ScoreTable table) {
        return Rules.create(rule, Map.of()).rank(table).ranks();
    }

    private static List<String> names(int count) {
        return IntStream.range(0, count).mapToObj(i -> "" + (char) ('a' + i)).toList();
    }

    private static List<String> tasks(int count) {
        return IntStream.range(0, count).mapToObj(i -> "t" + i).toList();
    }
}
