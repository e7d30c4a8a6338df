package dev.weir.operators.choice;

import dev.weir.operators.setting.Setting;
import dev.weir.operators.setting.Settings;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A rule as people name it.
 *
 * @param name what the command line calls it
 * @param id its entry in the catalogue of papers
 * @param title the paper's or the method's title
 * @param reference where the formula stands
 * @param settings what it can be told
 * @param factory makes it from validated settings
 */
public record RuleSpec(
        String name,
        String id,
        String title,
        String reference,
        List<Setting> settings,
        Function<Settings, RankingRule> factory) {

    public RuleSpec {
        settings = List.copyOf(settings);
    }

    /**
     * The rule with these settings, the defaults for the rest.
     *
     * @throws IllegalArgumentException for an unknown setting, a wrong type or a value out of range
     */
    public RankingRule create(Map<String, ?> values) {
        return factory.apply(Settings.of(name, settings, values));
    }
}
