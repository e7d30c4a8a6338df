package dev.weir.topology.compatibility;

import java.util.Arrays;

/** One evaluator's predictions of one subject: a class an example, four bytes each. */
final class Evaluation {
    /** What became of a prediction. */
    enum Taken {
        NEW,
        DUPLICATE,
        CONFLICT
    }

    private static final int NONE = -1;

    private final String evaluator;
    private final Confidences confidences = new Confidences();
    private int[] predicted = new int[0];
    private long received;
    private long announced = -1;
    private long duplicates;
    private long conflicts;

    Evaluation(String evaluator) {
        this.evaluator = evaluator;
    }

    String evaluator() {
        return evaluator;
    }

    Confidences confidences() {
        return confidences;
    }

    Taken take(int example, int predictedClass) {
        if (example >= predicted.length) {
            int old = predicted.length;
            predicted = Arrays.copyOf(predicted, Math.max(example + 1, Math.max(1024, 2 * old)));
            Arrays.fill(predicted, old, predicted.length, NONE);
        }
        if (predicted[example] == NONE) {
            predicted[example] = predictedClass;
            received++;
            return Taken.NEW;
        }
        if (predicted[example] == predictedClass) {
            duplicates++;
            return Taken.DUPLICATE;
        }
        conflicts++;
        return Taken.CONFLICT;
    }

    boolean has(int example) {
        return example < predicted.length && predicted[example] != NONE;
    }

    int predicted(int example) {
        return predicted[example];
    }

    void end(long count) {
        announced = count;
    }

    boolean ended() {
        return announced >= 0;
    }

    /** Whether as many examples came as its end says. */
    boolean complete() {
        return announced == received;
    }

    long received() {
        return received;
    }

    long announced() {
        return announced;
    }

    long duplicates() {
        return duplicates;
    }

    long conflicts() {
        return conflicts;
    }

    /** Numbers of examples are below this. */
    int bound() {
        return predicted.length;
    }
}
