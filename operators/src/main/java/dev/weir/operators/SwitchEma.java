package dev.weir.operators;

import dev.weir.operators.setting.Setting;
import dev.weir.operators.setting.Settings;
import dev.weir.operators.shape.Lerp;
import dev.weir.operators.shape.Shape;
import java.util.List;

/**
 * Switch EMA, m &lt;- m + (1 - d_t)(theta - m): a moving average whose weights trainers take over at every epoch's end,
 * theta &lt;- m, their optimiser's state untouched. This is the average; after a switch the next equal checkpoint leaves it
 * as it is, because the update is a lerp.
 *
 * <p>Source: Li et al., Switch EMA: A Free Lunch for Better Flatness and Sharpness (2024), section 3; warm-ups of its
 * reference code: linear d (1 - (1 - t / T)(1 - r)), exponential d r^(1 - t / T) for t &lt; T.
 *
 * @param decay d, weight of the past, in [0, 1); default 0.9999
 * @param warmUp none, linear or exponential; default none
 * @param warmUpUpdates T, updates until the decay is reached, 1 or more; default 1,000
 * @param ratio r, share of the decay at which the warm-up begins, in (0, 1]; default 0.9
 */
public record SwitchEma(double decay, String warmUp, long warmUpUpdates, double ratio) implements Operator {

    static final OperatorSpec SPEC = new OperatorSpec(
            "switch-ema",
            "A6",
            "Switch EMA: A Free Lunch for Better Flatness and Sharpness",
            "Li et al. 2024, arXiv:2402.09240",
            List.of(
                    Setting.number("decay", 0.9999, 0, 1 - 0x1p-53, "weight of the past at each accepted checkpoint"),
                    Setting.choice("warm-up", List.of("none", "linear", "exponential"), "how the decay grows"),
                    Setting.integer("warm-up-updates", 1_000, 1, 1L << 50, "updates until the decay is reached"),
                    Setting.number("ratio", 0.9, 1e-6, 1, "share of the decay at which the warm-up begins")),
            Facts.of(
                            "K2 lerp",
                            "m <- m + (1 - d_t)(theta - m); at every epoch's end theta <- m",
                            "Where training itself should profit from the average. In a plan, feedback-steps is"
                                    + " the length of an epoch: trainers take the average over after each, keep the"
                                    + " optimiser's state, and drop what comes too late.")
                    .feedingBack(),
            SwitchEma::of);

    private static SwitchEma of(Settings settings) {
        String warmUp = settings.text("warm-up");
        settings.refuseIdle("warm-up-updates", warmUp.equals("none"), "warm-up");
        settings.refuseIdle("ratio", warmUp.equals("none"), "warm-up");
        return new SwitchEma(
                settings.number("decay"), warmUp, settings.integer("warm-up-updates"), settings.number("ratio"));
    }

    @Override
    public Shape shape() {
        return Lerp.SHAPE;
    }

    @Override
    public Step step(Progress progress, Checkpoint checkpoint) {
        double share = progress.updates() == 0 ? 1 : 1 - decayAt(progress.updates());
        return new Step(progress.enter(checkpoint, share), List.of(share));
    }

    /** The decay of the t-th update after the first, t from 1. */
    double decayAt(long t) {
        if (t >= warmUpUpdates || warmUp.equals("none")) {
            return decay;
        }
        double left = 1 - (double) t / warmUpUpdates;
        return warmUp.equals("linear") ? decay * (1 - left * (1 - ratio)) : decay * StrictMath.pow(ratio, left);
    }
}
