package dev.weir.operators.choice;

import dev.weir.operators.Facts;
import dev.weir.operators.Spec;
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
 * @param formula the score of a candidate: s_t and r_t are its score and rank in task t, w_t the task's weight, M the candidates
 * @param settings what it can be told
 * @param factory makes it from validated settings
 */
public record RuleSpec(
        String name,
        String id,
        String title,
        String reference,
        String formula,
        List<Setting> settings,
        Function<Settings, RankingRule> factory)
        implements Spec {

    public RuleSpec {
        settings = List.copyOf(settings);
    }

    @Override
    public Facts facts() {
        return Facts.ofEvaluations(
                "rule over a table of scores",
                formula,
                "scores",
                "For a choice among candidates that several tasks have scored; see [choosing](../choice.md).");
    }

    @Override
    public boolean streams() {
        return false;
    }

    @Override
    public int statePerParameter() {
        return 0;
    }

    @Override
    public String call() {
        return "weir rank --rule " + name;
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
