package dev.weir.operators;

import dev.weir.operators.setting.Setting;
import dev.weir.operators.setting.Settings;
import dev.weir.operators.shape.Lerp;
import dev.weir.operators.shape.Shape;
import java.util.List;

/**
 * Kalman weight consolidation: a scalar Kalman filter over the checkpoints, whose measurement noise grows with the loss.
 * P &lt;- P + Q; k = P / (P + R_t); m &lt;- m + k (theta - m); P &lt;- (1 - k) P, with R_t = R max(l_t, 1e-12) / l_1 and P
 * infinite at first, so that the first checkpoint is copied and P is R_1 after it.
 *
 * <p>This form follows from the paper's idea, a filter on weights and losses, which it states for arrays of them: with the
 * state m, a random walk of variance Q, and a measurement theta of variance R_t, the above is the filter. With Q = 0 and
 * equal losses, P after n checkpoints is R / n and k = 1 / n, the plain mean; with Q &gt; 0, k tends to
 * (-q + sqrt(q^2 + 4 q)) / 2, q = Q / R, an EMA.
 *
 * <p>Source: Gokulprasath, Extended Linear Regression: A Kalman Filter Approach for Minimizing Loss via Area Under the Curve
 * (2023).
 *
 * @param processNoise Q, in [0, 1e12]; default 0.01
 * @param measurementNoise R, in [1e-12, 1e12]; default 1
 * @param losses l_t, loss of each checkpoint in the order in which they enter, in [0, 1e300]; the last holds for all that
 *     follow; empty, the default: all alike
 * @param lossInput side input that is the loss of a checkpoint; empty, the default: none
 */
public record Kalman(double processNoise, double measurementNoise, List<Double> losses, String lossInput)
        implements Operator {

    static final OperatorSpec SPEC = new OperatorSpec(
            "kalman",
            "A15",
            "Extended Linear Regression: A Kalman Filter Approach for Minimizing Loss via Area Under the Curve",
            "Gokulprasath 2023",
            List.of(
                    Setting.number(
                            "process-noise", 0.01, 0, 1e12, "variance of the walk from checkpoint to checkpoint"),
                    Setting.number(
                            "measurement-noise", 1, 1e-12, 1e12, "variance of a checkpoint at the first one's loss"),
                    Setting.numbers(
                            "losses",
                            List.of(),
                            0,
                            1e300,
                            "loss of each checkpoint, oldest first; the last holds for those that follow"),
                    Setting.text("loss-input", "side input that is the loss of a checkpoint, in a plan")),
            Facts.of(
                    "K2 lerp",
                    "P <- P + Q; k = P / (P + R_t); m <- m + k (theta - m); P <- (1 - k) P; R_t = R max(l_t, 1e-12) / l_1",
                    "Between the plain mean (no process noise) and an EMA (much of it), with noisy checkpoints counting"
                            + " less. Without losses all checkpoints are trusted alike. In a stream losses come as side inputs."),
            Kalman::of);

    private static final double SMALLEST_LOSS = 1e-12;

    private static Kalman of(Settings settings) {
        settings.exclusive("losses", "loss-input");
        return new Kalman(
                settings.number("process-noise"),
                settings.number("measurement-noise"),
                settings.numbers("losses"),
                settings.text("loss-input"));
    }

    public Kalman {
        losses = List.copyOf(losses);
    }

    @Override
    public Shape shape() {
        return Lerp.SHAPE;
    }

    @Override
    public List<Input> inputs() {
        return lossInput.isEmpty() ? List.of() : List.of(new Input(lossInput, 0, 1e300));
    }

    @Override
    public Step step(Progress progress, Checkpoint checkpoint) {
        // The progress keeps P, its anchor l_1.
        double loss = Math.max(loss(progress.updates(), checkpoint), SMALLEST_LOSS);
        if (progress.updates() == 0) {
            return new Step(progress.enterWith(checkpoint, measurementNoise).anchored(loss), List.of(1.0));
        }
        double noise = measurementNoise * loss / progress.anchor();
        double predicted = progress.weight() + processNoise;
        double gain = predicted / (predicted + noise);
        // P R / (P + R) is (1 - k) P, and positive however large P is.
        return new Step(progress.enterWith(checkpoint, noise * gain), List.of(gain));
    }

    private double loss(long number, Checkpoint checkpoint) {
        if (!lossInput.isEmpty()) {
            return checkpoint.input(lossInput);
        }
        return losses.isEmpty() ? 1 : losses.get((int) Math.min(number, losses.size() - 1));
    }
}
