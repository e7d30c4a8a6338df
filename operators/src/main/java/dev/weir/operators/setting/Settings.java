package dev.weir.operators.setting;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Validated settings of one operator: every setting has a value of its kind and within its range. */
public final class Settings {
    private final String operator;
    private final Map<String, Object> values;
    private final Set<String> given;

    private Settings(String operator, Map<String, Object> values, Set<String> given) {
        this.operator = operator;
        this.values = values;
        this.given = given;
    }

    /**
     * @param operator name of the operator, for messages
     * @param known what it can be told
     * @param given what it is told; numbers may come as text
     * @throws IllegalArgumentException for an unknown setting or a value that is not allowed
     */
    public static Settings of(String operator, List<Setting> known, Map<String, ?> given) {
        Map<String, Object> values = new HashMap<>();
        known.forEach(setting -> values.put(setting.name(), setting.byDefault()));
        for (Map.Entry<String, ?> entry : given.entrySet()) {
            Setting setting = known.stream()
                    .filter(candidate -> candidate.name().equals(entry.getKey()))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("operator " + operator + ": setting "
                            + entry.getKey() + ": unknown; allowed: "
                            + known.stream().map(Setting::name).collect(Collectors.joining(", "))));
            Object value = setting.parse(entry.getValue());
            if (value == null) {
                throw new IllegalArgumentException("operator " + operator + ": setting " + setting.name() + ": "
                        + entry.getValue() + " is not allowed; allowed: " + setting.allowed());
            }
            values.put(setting.name(), value);
        }
        return new Settings(operator, values, Set.copyOf(given.keySet()));
    }

    public double number(String name) {
        return (Double) value(name);
    }

    public long integer(String name) {
        return (Long) value(name);
    }

    public boolean flag(String name) {
        return (Boolean) value(name);
    }

    public String text(String name) {
        return (String) value(name);
    }

    /** Numbers of a list; empty when it has no default and is left out. */
    public List<Double> numbers(String name) {
        return ((List<?>) value(name)).stream().map(Double.class::cast).toList();
    }

    /**
     * What the operator makes of a value that is allowed by itself, such as a text with its own grammar.
     *
     * @throws IllegalArgumentException naming the setting, when the reading refuses it
     */
    public <T> T read(String name, Function<String, T> reading) {
        try {
            return reading.apply(text(name));
        } catch (IllegalArgumentException refused) {
            throw new IllegalArgumentException(
                    "operator " + operator + ": setting " + name + ": " + refused.getMessage(), refused);
        }
    }

    /** Whether a value was given, rather than the default taken. */
    public boolean given(String name) {
        return given.contains(name);
    }

    /** @throws IllegalArgumentException when both are given */
    public void exclusive(String one, String other) {
        if (on(one) && on(other)) {
            throw new IllegalArgumentException("operator " + operator + ": settings " + one + " and " + other
                    + " exclude each other; allowed: one of them");
        }
    }

    /** @throws IllegalArgumentException when the first is given without the flag that it belongs to */
    public void needs(String name, String flag) {
        if (given.contains(name) && !flag(flag)) {
            throw new IllegalArgumentException("operator " + operator + ": setting " + name + " does nothing without "
                    + flag + "; allowed: with " + flag + ": true");
        }
    }

    /**
     * Refuses a setting that does nothing beside the others.
     *
     * @param without what the others lack, in words
     * @throws IllegalArgumentException when it is given all the same
     */
    public void refuseIdle(String name, boolean idle, String without) {
        if (idle && given.contains(name)) {
            throw new IllegalArgumentException("operator " + operator + ": setting " + name + " does nothing without "
                    + without + "; allowed: with it");
        }
    }

    private boolean on(String name) {
        return given.contains(name) && !Boolean.FALSE.equals(values.get(name));
    }

    private Object value(String name) {
        return Objects.requireNonNull(values.get(name), name);
    }
}
