package dev.weir.operators;

import dev.weir.operators.setting.Setting;
import dev.weir.operators.setting.Settings;
import dev.weir.operators.shape.Shape;
import dev.weir.operators.shape.WeightedMean;
import java.util.List;

/**
 * Uniform soup: the plain mean of models that were fine-tuned from one model, each counting once; or their weighted mean,
 * for instance by the samples that each has seen: theta = sum w_k theta_k / sum w_k.
 *
 * <p>Source: Wortsman et al., Model soups: averaging weights of multiple fine-tuned models improves accuracy without increasing
 * inference time (2022), section 3.
 *
 * @param oncePerRun whether only the first checkpoint of each run enters; by default that of the operator: true of diwa and
 *     ratatouille, false of the others
 * @param weights w_k, of each model in the order in which they enter, in [1e-12, 1e12]; the last holds for all that follow;
 *     empty, the default: all 1
 * @param weightInput side input that is the weight of a checkpoint; empty, the default: none
 */
public record UniformSoup(boolean oncePerRun, List<Double> weights, String weightInput) implements Operator {
    private static final double SMALLEST = 1e-12;
    private static final double LARGEST = 1e12;

    static final OperatorSpec SPEC = new OperatorSpec(
            "uniform-soup",
            "B1",
            "Model soups: averaging weights of multiple fine-tuned models improves accuracy without increasing inference time",
            "Wortsman et al. 2022, arXiv:2203.05482, section 3",
            List.of(
                    Setting.numbers(
                            "weights",
                            List.of(),
                            SMALLEST,
                            LARGEST,
                            "weight of each model; the last holds for those that follow; all alike when left out"),
                    Setting.text("weight-input", "side input that is the weight of a checkpoint, in a plan")),
            Facts.of(
                    "K1 weighted mean",
                    "theta = sum w_k theta_k / sum w_k, w_k = 1",
                    "The first merge to try when several models were fine-tuned from one. If it is worse than the best of"
                            + " them, take greedy-soup. Weights, such as counts of samples, make it a weighted mean."),
            UniformSoup::of);

    private static UniformSoup of(Settings settings) {
        settings.exclusive("weights", "weight-input");
        return new UniformSoup(false, settings.numbers("weights"), settings.text("weight-input"));
    }

    /** The plain mean. */
    UniformSoup(boolean oncePerRun) {
        this(oncePerRun, List.of(), "");
    }

    public UniformSoup {
        weights = List.copyOf(weights);
    }

    /** Of this rule in another paper, where a run is an ingredient and enters once. */
    static OperatorSpec oncePerRun(String name, String id, String title, String reference, Facts facts) {
        return new OperatorSpec(name, id, title, reference, List.of(), facts, settings -> new UniformSoup(true));
    }

    @Override
    public Shape shape() {
        return WeightedMean.SHAPE;
    }

    @Override
    public List<Input> inputs() {
        return weightInput.isEmpty() ? List.of() : List.of(new Input(weightInput, SMALLEST, LARGEST));
    }

    @Override
    public Step step(Progress progress, Checkpoint checkpoint) {
        if (oncePerRun && progress.runSteps().containsKey(checkpoint.run())) {
            return new Step(progress.skip(checkpoint), List.of());
        }
        double weight = weight(progress.updates(), checkpoint);
        Progress next = progress.enter(checkpoint, weight);
        return new Step(next, List.of(weight, next.weight()));
    }

    private double weight(long number, Checkpoint checkpoint) {
        if (!weightInput.isEmpty()) {
            return checkpoint.input(weightInput);
        }
        return weights.isEmpty() ? 1 : weights.get((int) Math.min(number, weights.size() - 1));
    }
}
