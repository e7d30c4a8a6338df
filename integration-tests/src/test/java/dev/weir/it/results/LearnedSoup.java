package dev.weir.it.results;

import dev.weir.it.fixture.Gradients;
import dev.weir.it.fixture.Mnist;
import dev.weir.it.fixture.Weights;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Finds the logits of a learned soup: for each of the two layers one of each model, from equal ones by Adam on the mean log
 * loss of all digits at a time. dL/dlogit_k = a_k (g_k - sum_j a_j g_j) with g_k the inner product of the loss's gradient and model
 * k's layer, a the softmax of the logits.
 */
final class LearnedSoup {
    static final int UPDATES = 20;
    private static final List<String> LAYERS = List.of("0.", "2.");
    private static final double RATE = 0.1;
    private static final double MOMENTUM = 0.9;
    private static final double SQUARES = 0.999;

    private final List<Weights> models;
    private final double[][] logits;
    private final double[][] first;
    private final double[][] second;

    private LearnedSoup(List<Weights> models) {
        this.models = models;
        this.logits = new double[LAYERS.size()][models.size()];
        this.first = new double[LAYERS.size()][models.size()];
        this.second = new double[LAYERS.size()][models.size()];
    }

    /**
     * The setting {@code logits}.
     *
     * @param merge makes the soup of such a setting
     */
    static String logits(List<Weights> models, Mnist digits, Function<String, Weights> merge) {
        LearnedSoup learned = new LearnedSoup(models);
        for (int update = 1; update <= UPDATES; update++) {
            Weights soup = merge.apply(learned.setting());
            learned.update(update, soup, Gradients.mean(soup, digits));
        }
        return learned.setting();
    }

    private void update(int number, Weights soup, List<double[]> gradients) {
        for (int layer = 0; layer < LAYERS.size(); layer++) {
            double[] shares = softmax(logits[layer]);
            double[] products = new double[models.size()];
            double mean = 0;
            for (int k = 0; k < products.length; k++) {
                for (int t = 0; t < gradients.size(); t++) {
                    if (soup.layout().tensors().get(t).name().startsWith(LAYERS.get(layer))) {
                        products[k] +=
                                dot(gradients.get(t), models.get(k).tensors().get(t));
                    }
                }
                mean += shares[k] * products[k];
            }
            for (int k = 0; k < products.length; k++) {
                double ascent = shares[k] * (products[k] - mean);
                first[layer][k] = MOMENTUM * first[layer][k] + (1 - MOMENTUM) * ascent;
                second[layer][k] = SQUARES * second[layer][k] + (1 - SQUARES) * ascent * ascent;
                double momentum = first[layer][k] / (1 - StrictMath.pow(MOMENTUM, number));
                double scale = Math.sqrt(second[layer][k] / (1 - StrictMath.pow(SQUARES, number)));
                logits[layer][k] += RATE * momentum / (scale + 1e-12);
            }
        }
    }

    private String setting() {
        StringBuilder setting = new StringBuilder();
        for (int layer = 0; layer < LAYERS.size(); layer++) {
            setting.append(layer == 0 ? "" : ",").append(LAYERS.get(layer)).append("*:");
            setting.append(Arrays.stream(logits[layer])
                    .mapToObj(logit -> String.format(Locale.ROOT, "%.6f", logit))
                    .collect(Collectors.joining("/")));
        }
        return setting.toString();
    }

    private static double[] softmax(double[] values) {
        double largest = Arrays.stream(values).max().orElseThrow();
        double[] powers = Arrays.stream(values)
                .map(value -> StrictMath.exp(value - largest))
                .toArray();
        double sum = Arrays.stream(powers).sum();
        return Arrays.stream(powers).map(power -> power / sum).toArray();
    }

    private static double dot(double[] gradient, float[] values) {
        double sum = 0;
        for (int i = 0; i < gradient.length; i++) {
            sum += gradient[i] * values[i];
        }
        return sum;
    }
}
