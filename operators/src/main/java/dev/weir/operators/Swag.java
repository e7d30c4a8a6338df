package dev.weir.operators;

import dev.weir.operators.setting.Setting;
import dev.weir.operators.setting.Settings;
import dev.weir.operators.shape.Moments;
import dev.weir.operators.shape.Shape;
import java.util.List;

/**
 * SWA-Gaussian: the mean of the checkpoints, their variance, and the newest deviations from the mean; emits the mean or a
 * model drawn from the normal distribution that these describe. With n checkpoints, m = (1 / n) sum theta, v = (1 / n) sum
 * theta^2 - m^2 and c of the K columns d_k = theta_k - m_k filled, a draw is m + sqrt(scale) (sqrt(max(v, 1e-30)) z + sum_k
 * d_k y_k / sqrt(c - 1)), z and y standard normal: the deviations are divided by the root of their number less one, whether
 * or not the ring is full.
 *
 * <p>Source: Maddox et al., A Simple Baseline for Bayesian Uncertainty in Deep Learning (2019), algorithm 1, as used by Talman
 * et al., Uncertainty-Aware Natural Language Inference with Stochastic Weight Averaging (2023).
 *
 * @param fromStep first trainer step that enters, 0 or more; default 0
 * @param columns K, deviations kept, 2 to 100; default 20
 * @param draw number of the draw that is emitted, 0 or more; 0, the default: the mean
 * @param scale of the covariance, in [0, 1e6]; default 0.5, the paper's
 * @param seed of the draws, 0 or more; default 0
 */
public record Swag(long fromStep, int columns, long draw, double scale, long seed) implements Operator {

    static final OperatorSpec SPEC = new OperatorSpec(
            "swag",
            "A3",
            "Uncertainty-Aware Natural Language Inference with Stochastic Weight Averaging",
            "Maddox et al. 2019, arXiv:1902.02476, algorithm 1; Talman et al. 2023, arXiv:2304.04726",
            List.of(
                    Setting.integer("from-step", 0, 0, Long.MAX_VALUE, "first trainer step that enters"),
                    Setting.integer("columns", 20, 2, 100, "newest deviations that are kept"),
                    Setting.integer("draw", 0, 0, 1L << 50, "number of the draw to emit; 0 emits the mean"),
                    Setting.number("scale", 0.5, 0, 1e6, "scale of the covariance; 0.5 is the paper's"),
                    Setting.integer("seed", 0, 0, 1L << 50, "seed of the draws")),
            Facts.of(
                    "K3 ring with moments",
                    "theta = m + sqrt(scale) (sqrt(max(v, 1e-30)) z + sum_k d_k y_k / sqrt(c - 1))",
                    "For ensembles of draws whose spread says how sure the model is. Channels with draw 1, 2, 3 are the"
                            + " members. BatchNorm statistics of a draw must be estimated again."),
            Swag::of);

    private static Swag of(Settings settings) {
        long draw = settings.integer("draw");
        settings.refuseIdle("scale", draw == 0, "a draw");
        settings.refuseIdle("seed", draw == 0, "a draw");
        return new Swag(
                settings.integer("from-step"),
                (int) settings.integer("columns"),
                draw,
                settings.number("scale"),
                settings.integer("seed"));
    }

    @Override
    public Shape shape() {
        return new Moments(columns, draw, scale, seed);
    }

    @Override
    public Step step(Progress progress, Checkpoint checkpoint) {
        if (checkpoint.step() < fromStep) {
            return new Step(progress.skip(checkpoint), List.of());
        }
        Progress next = progress.enter(checkpoint, 1);
        return new Step(next, List.of(next.weight(), (double) (progress.updates() % columns)));
    }
}
