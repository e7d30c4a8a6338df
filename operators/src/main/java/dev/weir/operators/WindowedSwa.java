package dev.weir.operators;

import dev.weir.operators.setting.Setting;
import dev.weir.operators.setting.Settings;
import dev.weir.operators.shape.Shape;
import dev.weir.operators.shape.WindowMeans;
import java.util.List;

/**
 * SWA in windows: the mean of each window of checkpoints is kept when the window is complete, and the mean of the newest
 * windows' means is emitted: w &lt;- w + (theta - w) / (j + 1) within a window, j = 0 .. H / h - 1, then (1 / n) sum w_i.
 * Before the first window is complete, its mean so far.
 *
 * <p>Source: H&auml;gele et al., Scaling Laws and Compute-Optimal Training Beyond Fixed Training Durations (2024), section 4, with
 * the windows of its reference code.
 *
 * @param window H, accepted checkpoints of a window, 1 or more and a multiple of every; default 500
 * @param every h, enters the first of every so many accepted checkpoints, 1 or more; default 5
 * @param windows n, newest windows that are averaged, 1 to 100; default 5
 */
public record WindowedSwa(long window, long every, int windows) implements Operator {

    static final OperatorSpec SPEC = new OperatorSpec(
            "windowed-swa",
            "A8",
            "Scaling Laws and Compute-Optimal Training Beyond Fixed Training Durations",
            "Hägele et al. 2024, arXiv:2405.18392, section 4",
            List.of(
                    Setting.integer("window", 500, 1, 1L << 50, "checkpoints of a window; a multiple of every"),
                    Setting.integer("every", 5, 1, 1L << 50, "enters one in so many checkpoints"),
                    Setting.integer("windows", 5, 1, 100, "newest windows that are averaged")),
            Facts.of(
                    "K3 tumbling windows",
                    "w = mean of the newest n window means, each the mean of H / h checkpoints",
                    "As lawa over long horizons: one sum and n means instead of every checkpoint of the horizon."),
            WindowedSwa::of);

    private static WindowedSwa of(Settings settings) {
        long window = settings.integer("window");
        long every = settings.integer("every");
        if (window % every != 0) {
            throw new IllegalArgumentException("operator windowed-swa: setting window: " + window
                    + " is no multiple of every, which is " + every + "; allowed: a multiple");
        }
        return new WindowedSwa(window, every, (int) settings.integer("windows"));
    }

    @Override
    public Shape shape() {
        return new WindowMeans(windows);
    }

    @Override
    public Step step(Progress progress, Checkpoint checkpoint) {
        if (progress.seen() % every != 0) {
            return new Step(progress.skip(checkpoint), List.of());
        }
        long samples = window / every;
        long position = progress.updates() % samples + 1;
        long before = progress.updates() / samples;
        boolean complete = position == samples;
        double filled = Math.min(before + (complete ? 1 : 0), windows);
        double slot = complete ? before % windows : -1;
        return new Step(progress.enter(checkpoint, 1), List.of((double) position, slot, filled));
    }
}
