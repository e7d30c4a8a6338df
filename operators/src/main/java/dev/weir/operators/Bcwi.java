package dev.weir.operators;

import dev.weir.operators.setting.Setting;
import dev.weir.operators.setting.Settings;
import dev.weir.operators.shape.Lerp;
import dev.weir.operators.shape.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * Backward-compatible weight interpolation: old + w (new - old), where w is the weight of the new model (the paper's alpha
 * is that of the old one). In a stream, the old model is the baseline in service and the new one another channel's average;
 * offline, the first input is the old model and each further one is mixed in.
 *
 * <p>Source: Schumann et al., Backward Compatibility During Data Updates by Weight Interpolation (2023), equation 1. The
 * choice of w by a flip budget or by accuracy is its section 3.
 *
 * @param from channel of the new model; empty offline, and by default
 * @param newWeight w in [0, 1], default 0.5; NaN when it is searched
 * @param flipBudget searched: the largest w with at most so many negative flips, 0 or more; -1: none, the default
 * @param keepAccuracy searched: the smallest w whose accuracy is not below the new model's; default false
 * @param grid distance of the weights that a search tries, in [0.001, 1]; default 0.05
 * @param keepBaseline whether the first baseline stays the old model, whatever is promoted later; default false
 */
public record Bcwi(
        String from, double newWeight, long flipBudget, boolean keepAccuracy, double grid, boolean keepBaseline)
        implements Operator {

    static final OperatorSpec SPEC = new OperatorSpec(
            "bcwi",
            "B9",
            "Backward Compatibility During Data Updates by Weight Interpolation",
            "Schumann et al. 2023, arXiv:2301.10546, equation 1",
            List.of(
                    Setting.text("from", "channel of the new model; needed in a plan"),
                    Setting.number("new-weight", 0.5, 0, 1, "weight of the new model"),
                    Setting.integer(
                            "flip-budget",
                            -1,
                            0,
                            1L << 50,
                            "search the largest weight with at most so many negative flips"),
                    Setting.flag(
                            "keep-accuracy",
                            false,
                            "search the smallest weight whose accuracy is not below the new model's"),
                    Setting.number("grid", 0.05, 0.001, 1, "distance of the weights that a search tries"),
                    Setting.flag("keep-baseline", false, "stay with the first baseline, whatever is promoted later")),
            Facts.of(
                    "K2 lerp",
                    "theta = old + w (new - old)",
                    "A retrained model should answer as the one in service did where that was right. Evaluations choose w:"
                            + " by a budget of negative flips or by accuracy. Repeated over releases it is an EMA of what was"
                            + " deployed, with decay 1 - w."),
            Bcwi::of);

    private static Bcwi of(Settings settings) {
        settings.exclusive("new-weight", "flip-budget");
        settings.exclusive("new-weight", "keep-accuracy");
        settings.exclusive("flip-budget", "keep-accuracy");
        boolean searched = settings.given("flip-budget") || settings.flag("keep-accuracy");
        return new Bcwi(
                settings.text("from"),
                searched ? Double.NaN : settings.number("new-weight"),
                settings.integer("flip-budget"),
                settings.flag("keep-accuracy"),
                settings.number("grid"),
                settings.flag("keep-baseline"));
    }

    /** Whether the weight is to be found by evaluations. */
    public boolean searched() {
        return Double.isNaN(newWeight);
    }

    /** The weights to emit, ascending: the fixed one, or those that a search tries, 0 and 1 among them. */
    public List<Double> newWeights() {
        if (!searched()) {
            return List.of(newWeight);
        }
        int steps = (int) Math.ceil(1 / grid - 1e-9);
        List<Double> weights = new ArrayList<>();
        for (int i = 0; i < steps; i++) {
            // Rounded, so that 0.6 is 0.6 and not 0.6000000000000001.
            weights.add(Math.round(i * grid * 1e9) / 1e9);
        }
        weights.add(1.0);
        return weights;
    }

    @Override
    public Shape shape() {
        return Lerp.SHAPE;
    }

    @Override
    public Step step(Progress progress, Checkpoint checkpoint) {
        double share = progress.updates() == 0 ? 1 : searched() ? 1 : newWeight;
        return new Step(progress.enter(checkpoint, share), List.of(share));
    }
}
