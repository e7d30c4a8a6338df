package dev.weir.cli.demo;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One thing that the demo set out to show.
 *
 * @param won whether this seed shows it
 * @param words what was found, in one sentence
 */
record DemoFinding(boolean won, String words) {

    /** Points below raw, of accuracy in per cent, that the compatible model may lie. */
    static final int TOLERATED_POINTS = 1;

    /** The findings at the end of a demo; without the scores for one, that is said. */
    static List<DemoFinding> of(DemoState state) {
        Optional<Score> raw = state.score(DemoState.RAW);
        Optional<Score> ema = state.score(DemoState.EMA);
        Optional<Score> bcwi = state.score(DemoState.BCWI);
        if (raw.isEmpty() || ema.isEmpty() || bcwi.isEmpty()) {
            return List.of(new DemoFinding(
                    false,
                    "Nothing is shown: not all of " + DemoState.RAW + ", " + DemoState.EMA + " and " + DemoState.BCWI
                            + " were evaluated."));
        }
        return List.of(averaging(raw.get(), ema.get()), compatibility(raw.get(), bcwi.get()));
    }

    /** Whether the average reads more digits right than the last checkpoint. */
    static DemoFinding averaging(Score raw, Score ema) {
        boolean won = ema.correct() > raw.correct();
        String against = String.format(
                Locale.ROOT,
                "%s reads %s right, the last raw checkpoint %s",
                DemoState.EMA,
                DemoScreen.percent(ema.accuracy()),
                DemoScreen.percent(raw.accuracy()));
        return new DemoFinding(
                won,
                won
                        ? "Averaging helps: " + against + "."
                        : "This seed loses: averaging does not help; " + against + ".");
    }

    /** Whether the compatible model breaks fewer digits, at hardly less accuracy. */
    static DemoFinding compatibility(Score raw, Score bcwi) {
        boolean fewer = bcwi.negativeFlips() < raw.negativeFlips();
        boolean close = 100 * (raw.correct() - bcwi.correct()) <= TOLERATED_POINTS * raw.count();
        String against = String.format(
                Locale.ROOT,
                "of the digits that release 1 reads right, %s breaks %d, the last raw checkpoint %d, at %+.2f points of"
                        + " accuracy",
                DemoState.BCWI,
                bcwi.negativeFlips(),
                raw.negativeFlips(),
                100 * (bcwi.accuracy() - raw.accuracy()));
        if (fewer && close) {
            return new DemoFinding(true, "Fewer surprises: " + against + ".");
        }
        String what = fewer ? "too much accuracy is lost" : "there are no fewer negative flips";
        return new DemoFinding(false, "This seed loses: " + what + "; " + against + ".");
    }
}
