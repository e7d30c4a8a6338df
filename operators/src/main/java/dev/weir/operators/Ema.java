package dev.weir.operators;

import dev.weir.operators.setting.Setting;
import dev.weir.operators.setting.Settings;
import dev.weir.operators.shape.Lerp;
import dev.weir.operators.shape.Shape;
import java.util.List;

/**
 * Exponential moving average, m &lt;- m + (1 - d)(theta - m); the first checkpoint is copied.
 *
 * <p>Source: Polyak and Juditsky, Acceleration of Stochastic Approximation by Averaging (1992); warm-up by Crowson's
 * inverse-gamma schedule, d_t = clamp(1 - (1 + max(0, t - start - 1) / invGamma)^-power, min, decay), where t counts
 * accepted checkpoints from 1; or by that of TensorFlow's ExponentialMovingAverage, d_t = min(decay, (1 + t) / (offset + t)),
 * where t counts the checkpoints after the first; a half-life that grows with training, min(halfLife, ramp t) with t in
 * trainer steps, as in Karras et al., Analyzing and Improving the Training Dynamics of Diffusion Models (2024); bias correction as in Kingma and Ba, Adam (2015), section 3, in the recursive form
 * (1 - d) / (1 - d^t). Several channels with other decays are a temporal ensemble. Over chunks that stay the same it waits;
 * {@link Lerp} has the bound of its error.
 *
 * @param decay d, the weight of the past at each accepted checkpoint, in [0, 1); default 0.999; NaN when halfLife rules
 * @param halfLife trainer steps over which the weight of the past halves, d = 0.5^(steps / halfLife), in [2^-20, 1e15]; NaN,
 *     the default, when decay rules
 * @param ramp largest half-life as a share of the trainer steps so far, in [1e-6, 1e6]; NaN, the default: no such limit
 * @param warmUp whether the decay grows from minDecay; default false
 * @param invGamma inverse multiplicative factor of the warm-up, in [1e-6, 1e12]; default 1
 * @param power exponent of the warm-up, in [1e-6, 100]; default 2 / 3
 * @param start accepted checkpoints that are copied before the warm-up begins, 0 or more; default 0
 * @param minDecay smallest decay of the warm-up, in [0, 1); default 0
 * @param offset of TensorFlow's warm-up, in (1, 1e12]; NaN, the default: there is none
 * @param biasCorrection whether every checkpoint is weighted as if none had been before the first; default false
 */
public record Ema(
        double decay,
        double halfLife,
        double ramp,
        boolean warmUp,
        double invGamma,
        double power,
        long start,
        double minDecay,
        double offset,
        boolean biasCorrection)
        implements Operator {
    /** In trainer steps; a shorter one copies as this does. */
    private static final double SHORTEST_HALF_LIFE = 1e-8;

    static final OperatorSpec SPEC = new OperatorSpec(
            "ema",
            "A4",
            "Exponential moving average with warm-up or bias correction",
            "Polyak, Juditsky 1992, doi:10.1137/0330046",
            List.of(
                    Setting.number("decay", 0.999, 0, 1 - 0x1p-53, "weight of the past at each accepted checkpoint"),
                    Setting.number(
                            "half-life",
                            Double.NaN,
                            0x1p-20,
                            1e15,
                            "trainer steps that halve the past; instead of decay"),
                    Setting.number(
                            "half-life-ramp",
                            Double.NaN,
                            1e-6,
                            1e6,
                            "largest half-life, as a share of the trainer steps so far; 0.09 in EDM2"),
                    Setting.flag("warm-up", false, "let the decay grow by the inverse-gamma schedule"),
                    Setting.number("inv-gamma", 1, 1e-6, 1e12, "scale of the warm-up, in checkpoints"),
                    Setting.number("power", 2.0 / 3, 1e-6, 100, "exponent of the warm-up"),
                    Setting.integer("start", 0, 0, 1L << 50, "checkpoints that are copied before the warm-up"),
                    Setting.number("min-decay", 0, 0, 1 - 0x1p-53, "smallest decay of the warm-up"),
                    Setting.number(
                            "warm-up-offset",
                            Double.NaN,
                            1 + 0x1p-20,
                            1e12,
                            "let the decay grow by (1 + t) / (offset + t) instead, 10 in TensorFlow"),
                    Setting.flag("bias-correction", false, "weigh the first checkpoints as if none had been before")),
            Facts.of(
                    "K2 lerp",
                    "m <- m + (1 - d_t)(theta - m), m_1 = theta_1",
                    "The average to begin with: recent checkpoints count most. Several channels with other decays are a"
                            + " temporal ensemble; a half-life suits an irregular cadence. A decay of 0 passes through. Layers"
                            + " that stay the same cost nothing: their updates by one and the same chunk wait and become one"
                            + " step when the chunk changes or a snapshot is due. In f32 that step is within 2^-24 (2 |theta - m|"
                            + " + |m|) + n 2^-53 |theta - m| of the exact average after n updates, where step by step each update"
                            + " rounds as much; chunks that change have the bits of the step-by-step form."),
            Ema::of);

    /** An average of that decay, without warm-up or correction. */
    static Ema constant(double decay) {
        return new Ema(decay, Double.NaN, Double.NaN, false, 1, 1, 0, 0, Double.NaN, false);
    }

    private static Ema of(Settings settings) {
        settings.exclusive("decay", "half-life");
        settings.exclusive("half-life", "warm-up");
        settings.exclusive("half-life", "bias-correction");
        settings.exclusive("warm-up", "bias-correction");
        for (String name : List.of("half-life", "warm-up", "bias-correction")) {
            settings.exclusive("warm-up-offset", name);
        }
        settings.refuseIdle("half-life-ramp", !settings.given("half-life"), "half-life");
        for (String name : List.of("inv-gamma", "power", "start", "min-decay")) {
            settings.needs(name, "warm-up");
        }
        double halfLife = settings.number("half-life");
        return new Ema(
                Double.isNaN(halfLife) ? settings.number("decay") : Double.NaN,
                halfLife,
                settings.number("half-life-ramp"),
                settings.flag("warm-up"),
                settings.number("inv-gamma"),
                settings.number("power"),
                settings.integer("start"),
                settings.number("min-decay"),
                settings.number("warm-up-offset"),
                settings.flag("bias-correction"));
    }

    @Override
    public Shape shape() {
        return Lerp.SHAPE;
    }

    @Override
    public Step step(Progress progress, Checkpoint checkpoint) {
        double share = progress.updates() == 0 ? 1 : 1 - decayAt(progress, checkpoint);
        Progress next = Double.isNaN(ramp)
                ? progress.enter(checkpoint, share)
                : progress.enterWith(checkpoint, steps(progress, checkpoint));
        return new Step(next, List.of(share));
    }

    /** Trainer steps that all checkpoints so far stand for, this one included; with a ramp, the progress keeps them. */
    private static double steps(Progress progress, Checkpoint checkpoint) {
        return progress.updates() == 0 ? checkpoint.step() : progress.weight() + progress.stepsSince(checkpoint);
    }

    private double decayAt(Progress progress, Checkpoint checkpoint) {
        long t = progress.updates() + 1;
        if (!Double.isNaN(halfLife)) {
            double limit = Double.isNaN(ramp) ? halfLife : Math.min(halfLife, ramp * steps(progress, checkpoint));
            return StrictMath.pow(0.5, progress.stepsSince(checkpoint) / Math.max(limit, SHORTEST_HALF_LIFE));
        }
        if (!Double.isNaN(offset)) {
            double updates = progress.updates();
            return Math.min(decay, (1 + updates) / (offset + updates));
        }
        if (warmUp) {
            return warmUpDecay(t, start, invGamma, power, minDecay, decay);
        }
        // d_t of the recursive form: 1 - (1 - d) / (1 - d^t).
        return biasCorrection ? 1 - (1 - decay) / (1 - StrictMath.pow(decay, t)) : decay;
    }

    /** The decay of the inverse-gamma warm-up at the t-th update, t from 1; 0 (a copy) up to start. */
    static double warmUpDecay(long t, long start, double invGamma, double power, double min, double max) {
        if (t <= start + 1) {
            return 0;
        }
        double grown = 1 - StrictMath.pow(1 + (t - start - 1) / invGamma, -power);
        return Math.min(max, Math.max(min, grown));
    }
}
