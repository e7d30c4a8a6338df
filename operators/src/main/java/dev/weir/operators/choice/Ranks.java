package dev.weir.operators.choice;

import java.util.function.DoubleUnaryOperator;
import java.util.function.IntUnaryOperator;

/** Ranks of candidates in each task, 1 for the best, as candidates by tasks; the table has no gaps. */
final class Ranks {

    private Ranks() {}

    /** Tied candidates share the smallest of their ranks. */
    static double[][] smallest(ScoreTable table) {
        return ranks(table, 1, 0);
    }

    /** Tied candidates share the largest of their ranks. */
    static double[][] largest(ScoreTable table) {
        return ranks(table, 0, 1);
    }

    /** Tied candidates share the mean of their ranks. */
    static double[][] middle(ScoreTable table) {
        return ranks(table, 0.5, 0.5);
    }

    /** For each candidate the sum over the tasks of the weight times a value of its rank. */
    static double[] weigh(ScoreTable table, double[][] ranks, DoubleUnaryOperator value) {
        double[] sums = new double[table.size()];
        for (int i = 0; i < sums.length; i++) {
            for (int t = 0; t < table.weights().length; t++) {
                sums[i] += table.weights()[t] * value.applyAsDouble(ranks[i][t]);
            }
        }
        return sums;
    }

    private static double[][] ranks(ScoreTable table, double first, double equal) {
        double[][] ranks = new double[table.size()][table.tasks().size()];
        for (int t = 0; t < table.tasks().size(); t++) {
            double[] scores = table.task(t);
            for (int i = 0; i < scores.length; i++) {
                int at = i;
                int better = count(scores.length, j -> scores[j] > scores[at] ? 1 : 0);
                int alike = count(scores.length, j -> scores[j] == scores[at] ? 1 : 0);
                ranks[i][t] = better + first + equal * alike;
            }
        }
        return ranks;
    }

    private static int count(int size, IntUnaryOperator one) {
        int count = 0;
        for (int j = 0; j < size; j++) {
            count += one.applyAsInt(j);
        }
        return count;
    }
}
