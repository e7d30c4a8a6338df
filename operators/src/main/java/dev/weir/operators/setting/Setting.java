package dev.weir.operators.setting;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One thing an operator can be told.
 *
 * @param name as plans spell it
 * @param kind what its values are
 * @param byDefault value when it is left out: Double, Long, Boolean, String, or a list of Double; NaN means not set
 * @param min smallest allowed number, inclusive
 * @param max largest allowed number, inclusive
 * @param options the words of which a choice takes one; empty for the other kinds
 * @param doc what it does, without a full stop
 */
public record Setting(
        String name, Kind kind, Object byDefault, double min, double max, List<String> options, String doc) {
    /** What the values of a setting are. */
    public enum Kind {
        NUMBER,
        INTEGER,
        FLAG,
        TEXT,
        NUMBERS,
        CHOICE
    }

    public Setting {
        options = List.copyOf(options);
    }

    public static Setting number(String name, double byDefault, double min, double max, String doc) {
        return new Setting(name, Kind.NUMBER, byDefault, min, max, List.of(), doc);
    }

    public static Setting integer(String name, long byDefault, long min, long max, String doc) {
        return new Setting(name, Kind.INTEGER, byDefault, min, max, List.of(), doc);
    }

    public static Setting flag(String name, boolean byDefault, String doc) {
        return new Setting(name, Kind.FLAG, byDefault, 0, 1, List.of(), doc);
    }

    /** A name, such as a channel's; empty when it is left out. */
    public static Setting text(String name, String doc) {
        return new Setting(name, Kind.TEXT, "", 0, 0, List.of(), doc);
    }

    /** Numbers with commas between them. */
    public static Setting numbers(String name, List<Double> byDefault, double min, double max, String doc) {
        return new Setting(name, Kind.NUMBERS, List.copyOf(byDefault), min, max, List.of(), doc);
    }

    /** One of some words; the first is the default. */
    public static Setting choice(String name, List<String> options, String doc) {
        return new Setting(name, Kind.CHOICE, options.getFirst(), 0, 0, options, doc);
    }

    /** What may stand there, in words. */
    public String allowed() {
        return switch (kind) {
            case NUMBER -> "a number from " + min + " to " + max;
            case INTEGER -> "a whole number from " + (long) min + " to " + (long) max;
            case FLAG -> "true or false";
            case TEXT -> "a name";
            case NUMBERS -> "numbers from " + min + " to " + max + ", with commas between";
            case CHOICE -> "one of " + String.join(", ", options);
        };
    }

    /** The default as a page shows it; empty when there is none. */
    public String defaultText() {
        return switch (byDefault) {
            case Double number when number.isNaN() -> "";
            case List<?> numbers ->
                String.join(",", numbers.stream().map(String::valueOf).toList());
            default -> byDefault.toString();
        };
    }

    /** The value as Double, Long, Boolean, String or list of Double, or null when it is not allowed. */
    @Nullable
    Object parse(Object value) {
        String text = String.valueOf(value).trim();
        try {
            return switch (kind) {
                case NUMBER -> within(Double.parseDouble(text)) ? Double.valueOf(text) : null;
                case INTEGER -> within(Long.parseLong(text)) ? Long.valueOf(text) : null;
                case FLAG -> text.equals("true") || text.equals("false") ? Boolean.valueOf(text) : null;
                case TEXT -> text.isEmpty() ? null : text;
                case NUMBERS -> numbers(text);
                case CHOICE -> options.contains(text) ? text : null;
            };
        } catch (NumberFormatException notANumber) {
            return null;
        }
    }

    private @Nullable List<Double> numbers(String text) {
        List<Double> numbers = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            double number = Double.parseDouble(part.trim());
            if (!within(number)) {
                return null;
            }
            numbers.add(number);
        }
        return List.copyOf(numbers);
    }

    private boolean within(double number) {
        return number >= min && number <= max;
    }
}
