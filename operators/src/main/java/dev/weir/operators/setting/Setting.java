package dev.weir.operators.setting;

/**
 * One thing an operator can be told.
 *
 * @param name as plans spell it
 * @param kind what its values are
 * @param byDefault value when it is left out: Double, Long, Boolean or String; NaN means not set
 * @param min smallest allowed number, inclusive
 * @param max largest allowed number, inclusive
 * @param doc what it does, without a full stop
 */
public record Setting(String name, Kind kind, Object byDefault, double min, double max, String doc) {
    /** What the values of a setting are. */
    public enum Kind {
        NUMBER,
        INTEGER,
        FLAG,
        TEXT
    }

    public static Setting number(String name, double byDefault, double min, double max, String doc) {
        return new Setting(name, Kind.NUMBER, byDefault, min, max, doc);
    }

    public static Setting integer(String name, long byDefault, long min, long max, String doc) {
        return new Setting(name, Kind.INTEGER, byDefault, min, max, doc);
    }

    public static Setting flag(String name, boolean byDefault, String doc) {
        return new Setting(name, Kind.FLAG, byDefault, 0, 1, doc);
    }

    /** A name, such as a channel's; empty when it is left out. */
    public static Setting text(String name, String doc) {
        return new Setting(name, Kind.TEXT, "", 0, 0, doc);
    }

    /** What may stand there, in words. */
    public String allowed() {
        return switch (kind) {
            case NUMBER -> "a number from " + min + " to " + max;
            case INTEGER -> "a whole number from " + (long) min + " to " + (long) max;
            case FLAG -> "true or false";
            case TEXT -> "a name";
        };
    }

    /** The value as Double, Long, Boolean or String, or null when it is not allowed. */
    @org.jspecify.annotations.Nullable
    Object parse(Object value) {
        String text = String.valueOf(value).trim();
        try {
            return switch (kind) {
                case NUMBER -> within(Double.parseDouble(text)) ? Double.valueOf(text) : null;
                case INTEGER -> within(Long.parseLong(text)) ? Long.valueOf(text) : null;
                case FLAG -> text.equals("true") || text.equals("false") ? Boolean.valueOf(text) : null;
                case TEXT -> text.isEmpty() ? null : text;
            };
        } catch (NumberFormatException notANumber) {
            return null;
        }
    }

    private boolean within(double number) {
        return number >= min && number <= max;
    }
}
