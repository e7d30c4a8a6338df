package dev.weir.operators.choice;

/**
 * Candidates in pairs.
 *
 * @param support for each ordered pair the weight of the tasks in which the first scores more than the second; tasks in
 *     which either has no score are left out
 * @param total weight of all tasks
 */
record Majority(double[][] support, double total) {

    static Majority of(ScoreTable table) {
        double[][] support = new double[table.size()][table.size()];
        for (int i = 0; i < table.size(); i++) {
            for (int j = 0; j < table.size(); j++) {
                for (int t = 0; t < table.weights().length; t++) {
                    if (table.scores()[i][t] > table.scores()[j][t]) {
                        support[i][j] += table.weights()[t];
                    }
                }
            }
        }
        return new Majority(support, table.totalWeight());
    }

    int size() {
        return support.length;
    }

    /** Support of the first over the second, less the opposite; 0 where only rounding tells them apart. */
    double margin(int one, int other) {
        double margin = support[one][other] - support[other][one];
        return Math.abs(margin) <= Standings.TIE * total ? 0 : margin;
    }

    boolean beats(int one, int other) {
        return margin(one, other) > 0;
    }
}
