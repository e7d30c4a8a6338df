package dev.weir.operators.merge;

import dev.weir.operators.TensorPolicy;
import java.util.ArrayList;
import java.util.List;

/**
 * Numbers by tensor name, as settings write them: {@code PATTERN:NUMBER,PATTERN:NUMBER}, or with several numbers a pattern,
 * {@code PATTERN:NUMBER/NUMBER}. Patterns are globs over the whole name; the first that matches counts.
 */
final class TensorNumbers {
    private record Entry(TensorPolicy.Rule rule, double[] numbers) {}

    private final List<Entry> entries;

    private TensorNumbers(List<Entry> entries) {
        this.entries = entries;
    }

    /** @throws IllegalArgumentException when the text does not read so, or a number is out of range */
    static TensorNumbers parse(String text, double min, double max) {
        List<Entry> entries = new ArrayList<>();
        for (String part : text.isEmpty() ? new String[0] : text.split(",", -1)) {
            int colon = part.lastIndexOf(':');
            if (colon < 1) {
                throw new IllegalArgumentException(part + " is not PATTERN:NUMBER");
            }
            String[] words = part.substring(colon + 1).split("/", -1);
            double[] numbers = new double[words.length];
            for (int i = 0; i < words.length; i++) {
                numbers[i] = number(words[i], part);
                if (!(numbers[i] >= min && numbers[i] <= max)) {
                    throw new IllegalArgumentException(
                            part + " is not allowed; allowed: numbers from " + min + " to " + max);
                }
            }
            entries.add(new Entry(new TensorPolicy.Rule(part.substring(0, colon), TensorPolicy.AVERAGE), numbers));
        }
        return new TensorNumbers(entries);
    }

    /** The numbers of the first pattern that matches; the others if none does. */
    double[] of(String tensor, double[] others) {
        return entries.stream()
                .filter(entry -> entry.rule().matches(tensor))
                .map(Entry::numbers)
                .findFirst()
                .orElse(others)
                .clone();
    }

    /** The patterns, in their order. */
    List<String> patterns() {
        return entries.stream().map(entry -> entry.rule().pattern()).toList();
    }

    /** Refuses patterns with another count of numbers than models need. */
    void check(String operator, String setting, int count) {
        for (Entry entry : entries) {
            if (entry.numbers().length != count) {
                throw new IllegalArgumentException("operator " + operator + ": setting " + setting + ": "
                        + entry.rule().pattern() + " has " + entry.numbers().length + " numbers; allowed: " + count
                        + ", one for each model");
            }
        }
    }

    private static double number(String word, String part) {
        try {
            return Double.parseDouble(word.trim());
        } catch (NumberFormatException notANumber) {
            throw new IllegalArgumentException(part + " is not PATTERN:NUMBER", notANumber);
        }
    }
}
