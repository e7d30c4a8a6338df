package dev.weir.operators.solve;

import java.util.Arrays;

/**
 * The linear assignment problem: one column for every row, so that the sum of their scores is largest. Rows enter one by
 * one, each along a shortest augmenting path over reduced costs; O(n³), the same answer on every machine.
 *
 * <p>Sources: Jonker and Volgenant, A Shortest Augmenting Path Algorithm for Dense and Sparse Linear Assignment Problems,
 * Computing 38 (1987); in this form, without initialisation: Crouse, On Implementing 2D Rectangular Assignment
 * Algorithms, IEEE Trans. Aerospace and Electronic Systems 52 (2016), section III.
 */
public final class Assignment {

    private static final int NONE = -1;

    private final double[][] scores;
    private final int size;
    private final double[] rowPrice;
    private final double[] columnPrice;
    private final int[] rowOf;

    private Assignment(double[][] scores) {
        this.scores = scores;
        this.size = scores.length;
        this.rowPrice = new double[size];
        this.columnPrice = new double[size];
        this.rowOf = new int[size];
        Arrays.fill(rowOf, NONE);
    }

    /**
     * The column of every row.
     *
     * @param scores n by n, finite
     * @throws IllegalArgumentException if a row has another length or holds no finite number
     */
    public static int[] maximise(double[][] scores) {
        for (int i = 0; i < scores.length; i++) {
            if (scores[i].length != scores.length || !Arrays.stream(scores[i]).allMatch(Double::isFinite)) {
                throw new IllegalArgumentException("assignment: row " + i + " has " + scores[i].length
                        + " scores; allowed: " + scores.length + ", all finite");
            }
        }
        Assignment assignment = new Assignment(scores);
        for (int row = 0; row < scores.length; row++) {
            assignment.enter(row);
        }
        int[] columns = new int[scores.length];
        for (int column = 0; column < scores.length; column++) {
            columns[assignment.rowOf[column]] = column;
        }
        return columns;
    }

    private void enter(int entering) {
        double[] distance = new double[size];
        int[] before = new int[size];
        boolean[] reached = new boolean[size];
        Arrays.fill(distance, Double.POSITIVE_INFINITY);
        Arrays.fill(before, NONE);
        int row = entering;
        int last = NONE;
        double shortest = 0;
        while (true) {
            int nearest = NONE;
            for (int column = 0; column < size; column++) {
                if (!reached[column]) {
                    double through = shortest - scores[row][column] - rowPrice[row] - columnPrice[column];
                    if (through < distance[column]) {
                        distance[column] = through;
                        before[column] = last;
                    }
                    if (nearest == NONE || distance[column] < distance[nearest]) {
                        nearest = column;
                    }
                }
            }
            shortest = distance[nearest];
            reached[nearest] = true;
            last = nearest;
            if (rowOf[nearest] == NONE) {
                break;
            }
            row = rowOf[nearest];
        }
        rowPrice[entering] += shortest;
        for (int column = 0; column < size; column++) {
            if (reached[column] && column != last) {
                rowPrice[rowOf[column]] += shortest - distance[column];
                columnPrice[column] -= shortest - distance[column];
            }
        }
        for (int column = last; column != NONE; column = before[column]) {
            rowOf[column] = before[column] == NONE ? entering : rowOf[before[column]];
        }
    }
}
