package dev.weir.cli.demo;

/** Rows to train on, with labels of which some may be deliberately wrong. Immutable. */
final class TrainingSet {

    private final Digits digits;
    private final int[] rows;
    private final int[] labels;

    private TrainingSet(Digits digits, int[] rows, int[] labels) {
        this.digits = digits;
        this.rows = rows;
        this.labels = labels;
    }

    /**
     * These rows with their true labels.
     *
     * @throws IllegalArgumentException if one of them is held out
     */
    static TrainingSet of(Digits digits, int[] rows) {
        int[] labels = new int[digits.count()];
        for (int row : rows) {
            if (Digits.isHeldOut(row)) {
                throw new IllegalArgumentException("row " + row + " is held out for evaluation");
            }
            labels[row] = digits.label(row);
        }
        return new TrainingSet(digits, rows.clone(), labels);
    }

    /** These rows, of which so many, drawn at random, have one of the wrong labels instead. */
    TrainingSet withWrongLabels(int count, Draws draws) {
        int[] order = rows.clone();
        draws.shuffle(order);
        int[] changed = labels.clone();
        for (int i = 0; i < count; i++) {
            int row = order[i];
            changed[row] = (labels[row] + 1 + draws.below(Digits.CLASSES - 1)) % Digits.CLASSES;
        }
        return new TrainingSet(digits, rows, changed);
    }

    /** The rows, each once. */
    int[] rows() {
        return rows.clone();
    }

    float[] pixels(int row) {
        return digits.pixels(row);
    }

    /** The label that is trained on. */
    int label(int row) {
        return labels[row];
    }
}
