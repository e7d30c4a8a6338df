package dev.weir.operators;

import dev.weir.operators.setting.Setting;
import dev.weir.operators.setting.Settings;
import dev.weir.operators.shape.Lerp;
import dev.weir.operators.shape.Shape;
import java.util.List;

/**
 * Power-function moving average: beta = (1 - dt / t)^(gamma + 1), where t counts trainer steps and dt those since the
 * checkpoint before, whatever the cadence. The first checkpoint is copied: no bias to correct. With dt = 1 checkpoint i of T
 * weighs (i^(gamma+1) - (i-1)^(gamma+1)) / T^(gamma+1); gamma = 0 is the plain mean.
 *
 * <p>Source: Karras et al., Analyzing and Improving the Training Dynamics of Diffusion Models (2024), section 3.1 and
 * appendix C.
 *
 * @param gamma exponent, in [0, 1e6]; default that of the width sigma-rel 0.1, 6.937; sigma-rel^2 = (gamma + 1) / ((gamma +
 *     2)^2 (gamma + 3))
 */
public record PowerEma(double gamma) implements Operator {

    static final OperatorSpec SPEC = new OperatorSpec(
            "power-ema",
            "A7",
            "Analyzing and Improving the Training Dynamics of Diffusion Models",
            "Karras et al. 2024, arXiv:2312.02696, section 3.1",
            List.of(
                    Setting.number(
                            "sigma-rel", 0.1, 0.001, PowerProfile.WIDEST, "width of the profile, as a share of t"),
                    Setting.number("gamma", Double.NaN, 0, 1e6, "exponent; instead of sigma-rel")),
            Facts.of(
                    "K2 lerp",
                    "m <- b m + (1 - b) theta, b = (1 - dt / t)^(gamma + 1),"
                            + " sigma_rel^2 = (gamma + 1) / ((gamma + 2)^2 (gamma + 3))",
                    "The horizon grows with training, so that nothing has to be tuned to its length. Two channels, at 0.05"
                            + " and 0.1, with their snapshots kept, give every other width afterwards by post-hoc-ema."),
            PowerEma::of);

    private static PowerEma of(Settings settings) {
        settings.exclusive("sigma-rel", "gamma");
        double gamma = settings.number("gamma");
        return new PowerEma(Double.isNaN(gamma) ? PowerProfile.gamma(settings.number("sigma-rel")) : gamma);
    }

    @Override
    public Shape shape() {
        return Lerp.SHAPE;
    }

    @Override
    public Step step(Progress progress, Checkpoint checkpoint) {
        // The progress keeps t, the steps that all checkpoints so far stand for.
        double steps = progress.updates() == 0 ? checkpoint.step() : progress.stepsSince(checkpoint);
        double t = progress.weight() + steps;
        double share = t == steps ? 1 : 1 - StrictMath.pow(1 - steps / t, gamma + 1);
        return new Step(progress.enterWith(checkpoint, t), List.of(share));
    }
}
