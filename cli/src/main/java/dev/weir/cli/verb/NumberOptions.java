package dev.weir.cli.verb;

import dev.weir.cli.UsageException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Options that are numbers: NAME=NUMBER, or several with commas between. */
final class NumberOptions {

    private NumberOptions() {}

    /**
     * The numbers for one of several files.
     *
     * @param given texts by name, one number a file with commas between
     * @param number which file, from 0
     * @param files how many there are
     */
    static Map<String, Double> of(String option, Map<String, String> given, int number, int files) {
        Map<String, Double> numbers = new TreeMap<>();
        given.forEach((name, text) -> {
            String[] parts = text.split(",", -1);
            if (parts.length != files) {
                throw new UsageException(
                        option + " " + name,
                        parts.length + " numbers for " + files + " files",
                        "allowed: one a file",
                        "");
            }
            numbers.put(name, number(option + " " + name, parts[number]));
        });
        return numbers;
    }

    /** Finite numbers with commas between them, one at least. */
    static List<Double> list(String option, String text) {
        return Arrays.stream(text.split(",", -1))
                .map(part -> number(option, part))
                .toList();
    }

    private static double number(String object, String text) {
        try {
            double number = Double.parseDouble(text.trim());
            if (Double.isFinite(number)) {
                return number;
            }
        } catch (NumberFormatException none) {
            // Said below.
        }
        throw new UsageException(object, "is \"" + text + "\"", "allowed: a finite number", "");
    }
}
