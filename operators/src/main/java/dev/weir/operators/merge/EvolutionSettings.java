package dev.weir.operators.merge;

import dev.weir.operators.setting.Setting;
import dev.weir.operators.setting.Settings;
import java.util.List;

/** What an evolutionary search can be told. */
final class EvolutionSettings {
    private EvolutionSettings() {}

    static List<Setting> of(int models, String best, double spread) {
        return SearchSettings.withModels(
                models,
                best,
                Setting.integer("population", 8, 4, 10_000, "candidates of a generation"),
                Setting.integer("generations", 10, 1, 10_000, "generations; each is scored as a whole"),
                Setting.number("spread", spread, 1e-9, 1e6, "standard deviation of the first draws"),
                Setting.integer("seed", 0, 0, 1L << 50, "seed of the draws"));
    }

    static Evolution evolution(Settings settings) {
        return new Evolution(
                (int) settings.integer("population"),
                (int) settings.integer("generations"),
                settings.number("spread"),
                settings.integer("seed"));
    }
}
