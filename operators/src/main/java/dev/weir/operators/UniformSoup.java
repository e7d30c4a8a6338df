package dev.weir.operators;

import dev.weir.operators.shape.Shape;
import dev.weir.operators.shape.WeightedMean;
import java.util.List;

/**
 * Uniform soup: the plain mean of models that were fine-tuned from one model, each counting once.
 *
 * <p>Source: Wortsman et al., Model soups: averaging weights of multiple fine-tuned models improves accuracy without increasing
 * inference time (2022), section 3.
 *
 * @param oncePerRun whether only the first checkpoint of each run enters
 */
public record UniformSoup(boolean oncePerRun) implements Operator {

    static final OperatorSpec SPEC = new OperatorSpec(
            "uniform-soup",
            "B1",
            "Model soups: averaging weights of multiple fine-tuned models improves accuracy without increasing inference time",
            "Wortsman et al. 2022, arXiv:2203.05482, section 3",
            List.of(),
            Facts.of(
                    "K1 weighted mean",
                    "theta = (1 / K) sum theta_k",
                    "The first merge to try when several models were fine-tuned from one. If it is worse than the best of"
                            + " them, take greedy-soup."),
            settings -> new UniformSoup(false));

    /** Of this rule in another paper, where a run is an ingredient and enters once. */
    static OperatorSpec oncePerRun(String name, String id, String title, String reference, Facts facts) {
        return new OperatorSpec(name, id, title, reference, List.of(), facts, settings -> new UniformSoup(true));
    }

    @Override
    public Shape shape() {
        return WeightedMean.SHAPE;
    }

    @Override
    public Step step(Progress progress, Checkpoint checkpoint) {
        if (oncePerRun && progress.runSteps().containsKey(checkpoint.run())) {
            return new Step(progress.skip(checkpoint), List.of());
        }
        Progress next = progress.enter(checkpoint, 1);
        return new Step(next, List.of(1.0, next.weight()));
    }
}
