package dev.weir.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class SgdTest {

    private static final int[] BATCH = {0, 1, 3, 4, 6};

    private final Digits digits = Digits.load();
    private final TrainingSet data = TrainingSet.of(digits, BATCH);
    private final Mlp model = Mlp.initial(Draws.of(3, Draws.Purpose.RELEASE_1_WEIGHTS));

    @Test
    void theGradientIsThatOfFiniteDifferences() {
        float[] gradient = new Sgd(model, 0.1f).gradient(data, BATCH);
        double[] values = doubles(model.values());
        double h = 1e-6;
        for (int p = 0; p < values.length; p++) {
            double at = values[p];
            values[p] = at + h;
            double above = loss(values);
            values[p] = at - h;
            double below = loss(values);
            values[p] = at;
            assertThat((double) gradient[p]).as("parameter " + p).isCloseTo((above - below) / (2 * h), within(1e-6));
        }
    }

    @Test
    void aStepGoesDownTheMeanGradient() {
        Sgd sgd = new Sgd(model, 0.1f);
        float[] gradient = sgd.gradient(data, BATCH).clone();
        sgd.step(data, BATCH);
        float[] before = model.values();
        float[] after = sgd.weights().values();
        for (int p = 0; p < after.length; p++) {
            assertThat(after[p]).isEqualTo(before[p] - 0.1f * gradient[p]);
        }
        assertThat(loss(doubles(after))).isLessThan(loss(doubles(before)));
    }

    private double loss(double[] values) {
        return Arrays.stream(BATCH).mapToDouble(row -> loss(values, row)).sum() / BATCH.length;
    }

    /** Cross-entropy of one digit in f64, written apart from the product's. */
    private double loss(double[] v, int row) {
        double[] logits = new double[10];
        for (int k = 0; k < 10; k++) {
            logits[k] = v[Mlp.BIAS_2 + k];
        }
        for (int j = 0; j < 32; j++) {
            double sum = v[Mlp.BIAS_1 + j];
            for (int i = 0; i < 64; i++) {
                sum += v[Mlp.WEIGHT_1 + 64 * j + i] * digits.pixels(row)[i];
            }
            for (int k = 0; k < 10; k++) {
                logits[k] += v[Mlp.WEIGHT_2 + 32 * k + j] * Math.max(0, sum);
            }
        }
        double sum = Arrays.stream(logits).map(Math::exp).sum();
        return Math.log(sum) - logits[digits.label(row)];
    }

    private static double[] doubles(float[] values) {
        double[] wide = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            wide[i] = values[i];
        }
        return wide;
    }
}
