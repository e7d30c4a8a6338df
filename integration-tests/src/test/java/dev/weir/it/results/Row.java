package dev.weir.it.results;

import dev.weir.clients.evaluate.PredictionRow;
import java.util.List;
import java.util.Locale;

/**
 * What one merge came to on the evaluation digits.
 *
 * @param operator as {@code weir merge} calls it, or what stands in its place
 * @param what the models and settings
 * @param digits how many there are
 * @param correct answers that are right
 * @param negativeFlips answers that are wrong and were right
 * @param positiveFlips answers that are right and were wrong
 * @param models how many entered
 * @param training training digits that were looked at to choose settings or weights, each as often as it was
 * @param merges how often {@code weir merge} ran
 * @param mergeMs wall time of those runs
 */
record Row(
        String operator,
        String what,
        int digits,
        int correct,
        int negativeFlips,
        int positiveFlips,
        int models,
        long training,
        int merges,
        long mergeMs) {

    /** Counts the answers of a model beside those of the one before it. */
    static Row of(
            String operator,
            String what,
            List<PredictionRow> before,
            List<PredictionRow> after,
            int models,
            long training,
            int merges,
            long mergeMs) {
        int correct = 0;
        int negative = 0;
        int positive = 0;
        for (int i = 0; i < after.size(); i++) {
            boolean right = right(after.get(i));
            boolean wasRight = right(before.get(i));
            correct += right ? 1 : 0;
            negative += wasRight && !right ? 1 : 0;
            positive += right && !wasRight ? 1 : 0;
        }
        return new Row(operator, what, after.size(), correct, negative, positive, models, training, merges, mergeMs);
    }

    private static boolean right(PredictionRow row) {
        return row.prediction() == row.label().orElseThrow();
    }

    double accuracy() {
        return (double) correct / digits;
    }

    /** A row of the table. */
    String markdown() {
        return measured() + " " + mergeMs + " |";
    }

    /** The row without what a clock said. */
    String measured() {
        return String.format(
                Locale.ROOT,
                "| %s | %s | %.4f | %.4f | %d | %d | %d | %d | %d |",
                operator,
                what,
                accuracy(),
                (double) negativeFlips / digits,
                negativeFlips,
                positiveFlips,
                models,
                training,
                merges);
    }
}
