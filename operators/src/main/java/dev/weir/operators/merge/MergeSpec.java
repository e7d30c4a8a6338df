package dev.weir.operators.merge;

import dev.weir.operators.Facts;
import dev.weir.operators.Spec;
import dev.weir.operators.setting.Setting;
import dev.weir.operators.setting.Settings;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * An operator that merges models that are all at hand, as people name it.
 *
 * @param name what the command line calls it
 * @param id its entry in the catalogue of papers
 * @param title the paper's or the method's title
 * @param reference where the formula stands
 * @param settings what it can be told
 * @param facts what a page says of it
 * @param roles what the inputs are, in order; the last word may stand for several; the first may be base
 * @param factory makes it from validated settings
 */
public record MergeSpec(
        String name,
        String id,
        String title,
        String reference,
        List<Setting> settings,
        Facts facts,
        List<String> roles,
        Function<Settings, Merge> factory)
        implements Spec {
    /** Roles of merges in which all models are alike. */
    static final List<String> MODELS = List.of("models");
    /** Roles of merges that begin with the model from which the others were trained. */
    static final List<String> BASE_AND_MODELS = List.of("base", "models");

    public MergeSpec {
        settings = List.copyOf(settings);
        roles = List.copyOf(roles);
    }

    @Override
    public boolean streams() {
        return false;
    }

    @Override
    public int statePerParameter() {
        return 0;
    }

    /** Whether the first input is a base. */
    public boolean hasBase() {
        return roles.getFirst().equals("base");
    }

    /** @throws IllegalArgumentException for an unknown setting, a wrong type or a value out of range */
    public Merge create(Map<String, ?> values) {
        return factory.apply(Settings.of(name, settings, values));
    }

    /** @throws IllegalArgumentException when there are fewer models than roles */
    public void check(int models) {
        if (models < roles.size()) {
            throw new IllegalArgumentException("operator " + name + ": " + models + " models; allowed: " + roles.size()
                    + " or more, which are " + String.join(", ", roles));
        }
    }
}
