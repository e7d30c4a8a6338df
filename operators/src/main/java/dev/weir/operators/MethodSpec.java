package dev.weir.operators;

import dev.weir.operators.setting.Setting;
import dev.weir.operators.setting.Settings;
import java.util.List;
import java.util.Map;

/**
 * A method that is neither a fold of a stream nor a combination of elements, as people name it: of whole layers, or of what
 * evaluations gave.
 *
 * @param name what people call it
 * @param id its entry in the catalogue of papers
 * @param title the paper's or the method's title
 * @param reference where the formula stands
 * @param settings what it can be told
 * @param facts what a page says of it
 * @param call how it is called
 * @param streams whether the compatibility application computes it from the log as evaluations come, too
 */
public record MethodSpec(
        String name,
        String id,
        String title,
        String reference,
        List<Setting> settings,
        Facts facts,
        String call,
        boolean streams)
        implements Spec {
    public MethodSpec {
        settings = List.copyOf(settings);
    }

    @Override
    public int statePerParameter() {
        return 0;
    }

    /** @throws IllegalArgumentException for an unknown setting, a wrong type or a value out of range */
    public Settings read(Map<String, ?> values) {
        return Settings.of(name, settings, values);
    }
}
