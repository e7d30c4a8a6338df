package dev.weir.operators;

import dev.weir.operators.setting.Setting;
import dev.weir.operators.setting.Settings;
import dev.weir.operators.shape.Lerp;
import dev.weir.operators.shape.Shape;
import java.util.List;

/**
 * Temporal ensemble for online continual learning: an average of the model after every step, used for evaluation alone.
 * Beside the moving average, running means whose weights grow with the number t of the checkpoint, from 1; all in the
 * recursive form m &lt;- m + (w_t / W_t)(theta - m), because the sum of decay^-t exceeds f32 after 8,370 checkpoints at a
 * decay of 0.99.
 *
 * <p>A shape has one count for all rows of a tensor. Rows that come later must be copied when they come and counted from there,
 * or they are drawn to what stood there before: with the weighting decay, a second model that begins with the average so far
 * does that.
 *
 * <p>Source: Soutif-Cormerais, Carta and van de Weijer, Improving Online Continual Learning Performance and Stability with
 * Temporal Ensembles (2023), section 3.
 *
 * @param decay weight of the past, of decay and exponential, in [0, 1); default 0.99
 * @param weighting which weights w_t: decay, uniform (1), linear (t), quadratic (t^2), logarithmic (1 + ln t) or exponential
 *     (decay^-t); default decay
 */
public record OnlineEnsemble(double decay, String weighting) implements Operator {

    static final OperatorSpec SPEC = new OperatorSpec(
            "online-ensemble",
            "A5",
            "Improving Online Continual Learning Performance and Stability with Temporal Ensembles",
            "Soutif-Cormerais et al. 2023, arXiv:2306.16817",
            List.of(
                    Setting.number("decay", 0.99, 0, 1 - 0x1p-53, "weight of the past, of decay and exponential"),
                    Setting.choice(
                            "weighting",
                            List.of("decay", "uniform", "linear", "quadratic", "logarithmic", "exponential"),
                            "weight of checkpoint t: decay is the moving average from the first model on, then 1, t, t^2,"
                                    + " 1 + log t, decay^-t")),
            Facts.of(
                    "K2 lerp",
                    "m <- m + (1 - d)(theta - m), or m <- m + (w_t / W_t)(theta - m)",
                    "While a model learns from a stream of tasks: evaluate the average, train the model. The trainer never"
                            + " sees the average. A head that gets rows for new classes is another layout, and a model's"
                            + " checkpoints are all of one: its log refuses it as `layout`. Publish it as a model of its own,"
                            + " whose first checkpoint is the newest average with the new rows as they begin. With the"
                            + " weighting decay, the old rows' average then goes on, and the new rows' began there. The other"
                            + " weightings count checkpoints, and would count them anew for all rows."),
            OnlineEnsemble::of);

    private static OnlineEnsemble of(Settings settings) {
        String weighting = settings.text("weighting");
        boolean idle = !weighting.equals("decay") && !weighting.equals("exponential");
        settings.refuseIdle("decay", idle, "weighting decay or exponential");
        return new OnlineEnsemble(settings.number("decay"), weighting);
    }

    @Override
    public Shape shape() {
        return Lerp.SHAPE;
    }

    @Override
    public Step step(Progress progress, Checkpoint checkpoint) {
        long t = progress.updates() + 1;
        if (weighting.equals("decay") || weighting.equals("exponential")) {
            double share =
                    weighting.equals("decay") ? t == 1 ? 1 : 1 - decay : (1 - decay) / (1 - StrictMath.pow(decay, t));
            return new Step(progress.enter(checkpoint, share), List.of(share));
        }
        double weight = switch (weighting) {
            case "linear" -> t;
            case "quadratic" -> (double) t * t;
            case "logarithmic" -> 1 + StrictMath.log(t);
            default -> 1;
        };
        Progress next = progress.enter(checkpoint, weight);
        return new Step(next, List.of(weight / next.weight()));
    }
}
