package dev.weir.operators.merge;

import dev.weir.operators.setting.Setting;
import dev.weir.operators.setting.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** What all searches can be told, and what they begin with. */
final class SearchSettings {
    private static final String SCORE = "score";

    private SearchSettings() {}

    /** Of a search over any number of models. */
    static List<Setting> withModels(int models, String best, Setting... further) {
        List<Setting> settings = new ArrayList<>();
        settings.add(Setting.integer("models", models, 2, 1_000, "checkpoints that are held and combined"));
        settings.addAll(of(best, further));
        return settings;
    }

    /** @param best the better end of the scores when nothing is said, highest or lowest */
    static List<Setting> of(String best, Setting... further) {
        List<Setting> settings = new ArrayList<>();
        settings.add(Setting.text("score", "side input that is a candidate's score; score when left out"));
        settings.add(Setting.choice(
                "best",
                best.equals("highest") ? List.of("highest", "lowest") : List.of("lowest", "highest"),
                "which score is better"));
        settings.addAll(List.of(further));
        return settings;
    }

    static String score(Settings settings) {
        return settings.given("score") ? settings.text("score") : SCORE;
    }

    static boolean highest(Settings settings) {
        return settings.text("best").equals("highest");
    }

    /** The same scores, the highest being the best. */
    static List<Double> rising(List<Double> scores, boolean highest) {
        return highest ? scores : scores.stream().map(score -> -score).toList();
    }

    /** What a reason says of candidates without a score: nothing where there are none. */
    static String without(List<Double> scores) {
        long missing = scores.stream().filter(score -> score.isNaN()).count();
        return missing == 0 ? "" : ", " + missing + " without a score";
    }

    /** Every model by itself. */
    static List<Coefficients> singles(Models models) {
        return IntStream.range(0, models.count())
                .mapToObj(model -> Coefficients.same(models, single(models.count(), model)))
                .toList();
    }

    /** One model by itself. */
    static double[] single(int count, int model) {
        double[] row = new double[count];
        row[model] = 1;
        return row;
    }
}
