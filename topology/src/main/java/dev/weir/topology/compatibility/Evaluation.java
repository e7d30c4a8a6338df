package dev.weir.topology.compatibility;

import java.util.stream.IntStream;

/** One evaluator's predictions of one subject: a class an example. */
final class Evaluation {
    /** What became of a prediction. */
    enum Taken {
        NEW,
        DUPLICATE,
        CONFLICT
    }

    private final String evaluator;
    private final Confidences confidences = new Confidences();
    private final PredictedClasses predicted = new PredictedClasses();
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
        int known = predicted.get(example);
        if (known < 0) {
            predicted.put(example, predictedClass);
            received++;
            return Taken.NEW;
        }
        if (known == predictedClass) {
            duplicates++;
            return Taken.DUPLICATE;
        }
        conflicts++;
        return Taken.CONFLICT;
    }

    boolean has(int example) {
        return predicted.get(example) >= 0;
    }

    /** The class of an example that it has. */
    int predicted(int example) {
        return predicted.get(example);
    }

    /** Numbers of the examples that it has, ascending. */
    IntStream examples() {
        return predicted.examples();
    }

    /** Places for predictions that it holds, used or not, of four bytes each. */
    long places() {
        return predicted.places();
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
}
