package dev.weir.operators;

import dev.weir.operators.shape.Shape;
import dev.weir.operators.shape.Stock;
import java.util.ArrayList;
import java.util.List;

/**
 * Model stock: for each tensor, from the base as far toward the models' mean as the angle between their differences d_i from
 * the base says: t = N c / (1 + (N - 1) c), where c is the mean cosine over the pairs. With u = sum d_i / |d_i|, the mean is
 * (|u|^2 - N+) / (N (N - 1)), N+ counting the d_i that are not 0; a d_i of 0 adds nothing. No absolute guard: tensors that
 * moved little have angles too. t is kept within [0, 1]. One model: t = 1. The first checkpoint is the base.
 *
 * <p>Source: Jang et al., Model Stock: All we need is just a few fine-tuned models (2024), section 4; c for more than two
 * models is the mean over pairs, which the paper leaves open.
 */
public record ModelStock() implements Operator {

    static final OperatorSpec SPEC = new OperatorSpec(
            "model-stock",
            "B7",
            "Model Stock: All we need is just a few fine-tuned models",
            "Jang et al. 2024, arXiv:2403.19522, section 4",
            List.of(),
            Facts.of(
                            "K4 reductions, then apply",
                            "theta = t mean(theta_i) + (1 - t) theta_0, t = N c / (1 + (N - 1) c), c = mean cosine of the"
                                    + " differences from theta_0",
                            "With two or three models fine-tuned from one base: nothing to tune, no data. The first checkpoint or"
                                    + " input is the base, or --base gives it; every further one is a model. Over files, each is"
                                    + " read three to six times; of more than five, the state lies beside the output meanwhile.")
                    .costing(Cost.TENSOR),
            settings -> new ModelStock());

    @Override
    public Shape shape() {
        return Stock.SHAPE;
    }

    @Override
    public boolean beginsWithBase() {
        return true;
    }

    @Override
    public Step step(Progress progress, Checkpoint checkpoint) {
        return step(progress, checkpoint, Sums.NONE);
    }

    /** Of each tensor, the progress keeps |u|^2 and N+. */
    @Override
    public Step step(Progress progress, Checkpoint checkpoint, Sums sums) {
        if (progress.updates() == 0) {
            return new Step(progress.enter(checkpoint, 1), List.of(0.0));
        }
        int models = (int) progress.updates();
        List<Double> coefficients = new ArrayList<>(List.of((double) models));
        List<Double> kept = new ArrayList<>();
        for (double[] sum : sums.byTensor()) {
            double length = Math.sqrt(sum[0]);
            boolean known = kept.size() < progress.sums().size();
            double square = known ? progress.sums().get(kept.size()) : 0;
            double moved = known ? progress.sums().get(kept.size() + 1) : 0;
            if (length > 0) {
                square += 2 * sum[1] / length + 1;
                moved++;
            }
            kept.add(square);
            kept.add(moved);
            coefficients.add(length);
            coefficients.add(ratio(square, (int) moved, models));
        }
        return new Step(progress.enter(checkpoint, 1).with(kept), coefficients);
    }

    /**
     * How far to go from the base toward the mean, before it is kept within [0, 1].
     *
     * @param squaredDirections |u|^2 over the whole tensor
     * @param moved models whose d is not 0
     * @param n models, 1 or more
     */
    static double ratio(double squaredDirections, int moved, int n) {
        if (n == 1) {
            return moved;
        }
        double cosine = (squaredDirections - moved) / ((double) n * (n - 1));
        // At the largest angle that n directions can have between them, the ratio has a pole.
        return Math.clamp(n * cosine / (1 + (n - 1) * cosine), -Double.MAX_VALUE, Double.MAX_VALUE);
    }
}
