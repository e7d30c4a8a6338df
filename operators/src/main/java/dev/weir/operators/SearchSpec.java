package dev.weir.operators;

import dev.weir.operators.merge.Search;
import dev.weir.operators.setting.Setting;
import dev.weir.operators.setting.Settings;
import dev.weir.schemas.tensor.Dtype;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A search as people name it: a channel of a plan that holds checkpoints, emits combinations of them to be scored, and the one
 * that the scores choose.
 *
 * @param name what plans call it
 * @param id its entry in the catalogue of papers
 * @param title the paper's or the method's title
 * @param reference where the method stands
 * @param settings what it can be told
 * @param facts what a page says of it
 * @param factory makes it from validated settings
 */
public record SearchSpec(
        String name,
        String id,
        String title,
        String reference,
        List<Setting> settings,
        Facts facts,
        Function<Settings, Search> factory)
        implements Spec {
    public SearchSpec {
        settings = List.copyOf(settings);
    }

    @Override
    public boolean streams() {
        return true;
    }

    @Override
    public String call() {
        return "a channel of a plan";
    }

    @Override
    public int statePerParameter() {
        return (int) create(Map.of()).shape().stateBytes(Dtype.F32, 1);
    }

    /** @throws IllegalArgumentException for an unknown setting, a wrong type or a value out of range */
    public SearchChannel create(Map<String, ?> values) {
        return new SearchChannel(factory.apply(Settings.of(name, settings, values)));
    }
}
