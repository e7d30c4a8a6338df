package dev.weir.cli.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a model predicts of every held-out digit. Immutable. */
final class Evaluation {

    private final Digits digits;
    private final int[] rows;
    private final int[] predictions;

    private Evaluation(Digits digits, int[] rows, int[] predictions) {
        this.digits = digits;
        this.rows = rows;
        this.predictions = predictions;
    }

    static Evaluation of(Digits digits, Mlp model) {
        int[] rows = digits.heldOut();
        int[] predictions = new int[rows.length];
        for (int i = 0; i < rows.length; i++) {
            predictions[i] = model.predict(digits.pixels(rows[i]));
        }
        return new Evaluation(digits, rows, predictions);
    }

    /** Number of digits. */
    int count() {
        return rows.length;
    }

    /** The id of the i-th digit: its row's number. */
    int id(int i) {
        return rows[i];
    }

    /** The true class of the i-th digit. */
    int label(int i) {
        return digits.label(rows[i]);
    }

    /** The predicted class of the i-th digit. */
    int prediction(int i) {
        return predictions[i];
    }

    /** Accuracy, and flips against the model in service. */
    Score against(Evaluation release1) {
        int correct = 0;
        int flips = 0;
        for (int i = 0; i < rows.length; i++) {
            if (isCorrect(i)) {
                correct++;
            } else if (release1.isCorrect(i)) {
                flips++;
            }
        }
        return new Score(correct, flips, rows.length);
    }

    /** The predictions as {@code weir evaluate} and {@code weir flips} read them. */
    String csv() {
        StringBuilder csv = new StringBuilder("id,label,prediction\n");
        for (int i = 0; i < rows.length; i++) {
            csv.append(id(i))
                    .append(',')
                    .append(label(i))
                    .append(',')
                    .append(prediction(i))
                    .append('\n');
        }
        return csv.toString();
    }

    /** Writes {@link #csv}. */
    void write(Path file) {
        try {
            Files.writeString(file, csv());
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be written", e);
        }
    }

    private boolean isCorrect(int i) {
        return prediction(i) == label(i);
    }
}
