package dev.weir.operators;

import dev.weir.operators.setting.Setting;
import dev.weir.operators.shape.ElementMean;
import dev.weir.operators.shape.Shape;
import java.util.List;

/**
 * Merging by uncertainty-based gradient matching: theta = theta_0 + s sum_t [(a_t H_t + c H_0 + d) / H] (theta_t - theta_0),
 * H = s sum_t a_t H_t + c H_0 + d, for each element. With H_0 = 0, d = 0 and s = 1 it is Fisher merging; with H_t = 0 it is task
 * arithmetic. Where H is 0 the models count alike. The first checkpoint is the base.
 *
 * <p>Source: Daheim et al., Model Merging by Uncertainty-Based Gradient Matching (2024), equation 12.
 *
 * @param scale s, in [0, 1e6]; default 1
 * @param prior c, weight of the base's Hessian, in [0, 1e12]; default 1
 * @param delta d, in [0, 1e12]; default 0
 * @param weights a_t, of each model but the base in the order in which they enter, in [0, 1e12]; the last holds for all that
 *     follow; empty, the default: all 1
 */
public record GradientMatching(double scale, double prior, double delta, List<Double> weights) implements Operator {

    static final OperatorSpec SPEC = new OperatorSpec(
            "gradient-matching",
            "B11",
            "Model Merging by Uncertainty-Based Gradient Matching",
            "Daheim et al. 2024, arXiv:2310.12808, equation 12",
            List.of(
                    Setting.number("scale", 1, 0, 1e6, "scale of the models' differences from the base"),
                    Setting.number("prior", 1, 0, 1e12, "weight of the base's Hessian"),
                    Setting.number("delta", 0, 0, 1e12, "added to the Hessians"),
                    Setting.numbers(
                            "weights",
                            List.of(),
                            0,
                            1e12,
                            "weight of each model but the base; the last holds for those that follow; all 1 when left out")),
            Facts.of(
                            "K1 weighted mean with a denominator of each element",
                            "theta = theta_0 + s sum_t ((a_t H_t + c H_0 + d) / H) (theta_t - theta_0), H = s sum_t a_t H_t + c H_0 + d",
                            "For models of different tasks from one base, the first checkpoint or input, or --base gives it."
                                    + " The Hessians' diagonals, squared gradients at labels drawn from the model, come from"
                                    + " whoever has the data: with each checkpoint, publish --side hessian=FILE, or beside each"
                                    + " input, merge --side hessian=FILE, that of the base first.")
                    .needing("hessian"),
            settings -> new GradientMatching(
                    settings.number("scale"),
                    settings.number("prior"),
                    settings.number("delta"),
                    settings.numbers("weights")));

    public GradientMatching {
        weights = List.copyOf(weights);
    }

    @Override
    public Shape shape() {
        return new ElementMean(scale, delta, true, 0);
    }

    @Override
    public String companion() {
        return "hessian";
    }

    @Override
    public boolean beginsWithBase() {
        return true;
    }

    @Override
    public Step step(Progress progress, Checkpoint checkpoint) {
        double before = progress.updates();
        Progress next = progress.enter(checkpoint, 1);
        if (before == 0) {
            return new Step(next, List.of(before, prior, 1.0, 0.0, 0.0));
        }
        int number = (int) Math.min(progress.updates() - 1, weights.size() - 1L);
        double weight = weights.isEmpty() ? 1 : weights.get(number);
        return new Step(next, List.of(before, weight, 1.0, 1.0, before));
    }
}
