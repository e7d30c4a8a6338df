package dev.weir.operators;

import dev.weir.operators.setting.Setting;
import dev.weir.operators.setting.Settings;
import dev.weir.schemas.tensor.Dtype;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * An operator that folds a stream, as people name it.
 *
 * @param name what plans and the command line call it
 * @param id its entry in the catalogue of papers
 * @param title the paper's or the method's title
 * @param reference where the formula stands
 * @param settings what it can be told
 * @param facts what a page says of it
 * @param factory makes it from validated settings
 */
public record OperatorSpec(
        String name,
        String id,
        String title,
        String reference,
        List<Setting> settings,
        Facts facts,
        Function<Settings, Operator> factory)
        implements Spec {
    public OperatorSpec {
        settings = List.copyOf(settings);
    }

    @Override
    public boolean streams() {
        return true;
    }

    @Override
    public int statePerParameter() {
        // Of many, since a chunk may have a few bytes of its own.
        int many = 1 << 10;
        return (int) (create(Map.of()).shape().stateBytes(Dtype.F32, many) / many);
    }

    /**
     * The operator with these settings, the defaults for the rest.
     *
     * @throws IllegalArgumentException for an unknown setting, a wrong type or a value out of range; the message says
     *     what is allowed
     */
    public Operator create(Map<String, ?> values) {
        return factory.apply(Settings.of(name, settings, values));
    }
}
