package dev.weir.operators;

import dev.weir.operators.setting.Setting;
import dev.weir.operators.shape.ElementMean;
import dev.weir.operators.shape.Shape;
import java.util.List;
import java.util.Locale;

/**
 * Fisher merging: the mean of the models, each element weighed by its diagonal Fisher information, theta = sum l_k F_k theta_k /
 * sum l_k F_k. The floor holds for every model alike, after the normalisation; where all F are 0 without a floor, the models
 * count by their l_k alone.
 *
 * <p>Source: Matena and Raffel, Merging Models with Fisher-Weighted Averaging (2022), equation 5.
 *
 * @param lambdas l_k, in the order in which models enter, in [1e-12, 1e12]; the last holds for all that follow; empty, the
 *     default: all 1
 * @param floor smallest F after the normalisation, in [0, 1e300]; default 1e-6
 * @param normalisation of each F over its model: norm, the default, mean or none
 */
public record FisherMerging(List<Double> lambdas, double floor, Normalisation normalisation) implements Operator {
    private static final double SMALLEST = 1e-12;
    private static final double LARGEST = 1e12;

    static final OperatorSpec SPEC = new OperatorSpec(
            "fisher",
            "B10",
            "Merging Models with Fisher-Weighted Averaging",
            "Matena, Raffel 2022, arXiv:2111.09832, equation 5",
            List.of(
                    Setting.numbers(
                            "lambdas",
                            List.of(),
                            SMALLEST,
                            LARGEST,
                            "weight of each model; the last holds for those that follow; all 1 when left out"),
                    Setting.number("floor", 1e-6, 0, 1e300, "smallest normalised importance of an element"),
                    Setting.choice("normalise", List.of("norm", "mean", "none"), "scale of each model's importances")),
            Facts.of(
                            "K1 weighted mean with a denominator of each element",
                            "theta = sum l_k F_k theta_k / sum l_k F_k",
                            "For models of different tasks from one base. The Fisher information is computed by whoever has"
                                    + " the data: the mean over examples of sum_y p(y) (d log p(y) / d theta)^2. It comes with"
                                    + " each checkpoint, publish --side fisher=FILE, or beside each input, merge --side"
                                    + " fisher=FILE.")
                    .needing("fisher")
                    .costing(Cost.MODEL),
            settings -> new FisherMerging(
                    settings.numbers("lambdas"),
                    settings.number("floor"),
                    Normalisation.valueOf(settings.text("normalise").toUpperCase(Locale.ROOT))));

    public FisherMerging {
        lambdas = List.copyOf(lambdas);
    }

    @Override
    public Shape shape() {
        return new ElementMean(1, 0, false, floor);
    }

    @Override
    public String companion() {
        return "fisher";
    }

    @Override
    public Step step(Progress progress, Checkpoint checkpoint) {
        return step(progress, checkpoint, Sums.NONE);
    }

    @Override
    public Step step(Progress progress, Checkpoint checkpoint, Sums fisher) {
        int number = (int) Math.min(progress.updates(), lambdas.size() - 1L);
        double lambda = lambdas.isEmpty() ? 1 : lambdas.get(number);
        Progress next = progress.enter(checkpoint, lambda);
        double models = progress.updates();
        return new Step(next, List.of(models, lambda, normalisation.scale(fisher), lambda, next.weight()));
    }
}
