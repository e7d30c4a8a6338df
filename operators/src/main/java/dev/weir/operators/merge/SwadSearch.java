package dev.weir.operators.merge;

import dev.weir.operators.Facts;
import dev.weir.operators.SearchSpec;
import dev.weir.operators.setting.Setting;
import java.util.List;
import java.util.stream.IntStream;

/**
 * SWAD while it is scored: every segment's validation loss, then the mean of the segments s .. j - 1, as {@link Swad} has
 * it.
 *
 * <p>Source: Cha et al., SWAD: Domain Generalization by Seeking Flat Minima (2021), algorithm 1.
 *
 * @param segments 2 to 1,000; default 16
 * @param segment checkpoints that each is the mean of, 1 to 100; default 1
 * @param score name of the losses; default score
 * @param patience n_c, 1 to 1,000; default 3
 * @param overfitPatience n_t, 1 to 1,000; default 6
 * @param tolerance r, in [1, 100]; default 1.3
 */
record SwadSearch(int segments, int segment, String score, int patience, int overfitPatience, double tolerance)
        implements Search {

    static final SearchSpec SPEC = new SearchSpec(
            "swad-search",
            "A11",
            "Weight Averaging Improves Knowledge Distillation under Domain Shift",
            "Cha et al. 2021, arXiv:2102.08604, algorithm 1, and Berezovskiy, Morozov 2023, arXiv:2309.11446",
            List.of(
                    Setting.integer("models", 16, 2, 1_000, "segments that are held"),
                    Swad.SEGMENT,
                    Setting.text("score", "side input that is a segment's validation loss; score when left out"),
                    Setting.integer("patience", 3, 1, 1_000, "losses of which the first must be the smallest to begin"),
                    Setting.integer(
                            "overfit-patience", 6, 1, 1_000, "losses that must all exceed the threshold to end"),
                    Setting.number(
                            "tolerance", 1.3, 1, 100, "threshold, as a multiple of the losses at the beginning")),
            Facts.of(
                            "K6 linear combination",
                            "theta = mean of the segment means s .. j - 1",
                            "A channel holds so many segments, which are emitted as versions of CHANNEL@candidates. Evaluators"
                                    + " give each one's validation loss; the mean over the window is the next version of the"
                                    + " channel. It holds the checkpoints themselves, models times segment of them. Offline: swad.")
                    .needing("validation losses"),
            settings -> new SwadSearch(
                    (int) settings.integer("models"),
                    (int) settings.integer("segment"),
                    SearchSettings.score(settings),
                    (int) settings.integer("patience"),
                    (int) settings.integer("overfit-patience"),
                    settings.number("tolerance")));

    @Override
    public int models() {
        return segments * segment;
    }

    @Override
    public Next next(Models given, List<Double> scores) {
        if (scores.isEmpty()) {
            return new Next.Candidates(IntStream.range(0, segments)
                    .mapToObj(number -> Coefficients.same(given, mean(List.of(number))))
                    .toList());
        }
        // A segment without a loss is none.
        List<Integer> scored = IntStream.range(0, segments)
                .filter(number -> !scores.get(number).isNaN())
                .boxed()
                .toList();
        Swad swad = new Swad(scored.stream().map(scores::get).toList(), segment, patience, overfitPatience, tolerance);
        int begin = swad.begin();
        if (begin < 0) {
            int newest = scored.isEmpty() ? segments - 1 : scored.getLast();
            return chosen(given, List.of(newest), "not converged: the newest segment", scores);
        }
        List<Integer> window = scored.subList(begin, swad.end(begin));
        return chosen(given, window, window.size() + " of " + segments + " segments", scores);
    }

    private Next.Chosen chosen(Models given, List<Integer> window, String reason, List<Double> scores) {
        return new Next.Chosen(Coefficients.same(given, mean(window)), reason + SearchSettings.without(scores));
    }

    private double[] mean(List<Integer> chosen) {
        return Swad.mean(segments, segment, chosen);
    }
}
