package dev.weir.cli.demo;

import static dev.weir.cli.demo.Mlp.BIAS_1;
import static dev.weir.cli.demo.Mlp.BIAS_2;
import static dev.weir.cli.demo.Mlp.HIDDEN;
import static dev.weir.cli.demo.Mlp.INPUTS;
import static dev.weir.cli.demo.Mlp.OUTPUTS;
import static dev.weir.cli.demo.Mlp.PARAMETERS;
import static dev.weir.cli.demo.Mlp.WEIGHT_1;
import static dev.weir.cli.demo.Mlp.WEIGHT_2;

import java.util.Arrays;

/**
 * Stochastic gradient descent on the mean softmax cross-entropy of a mini-batch, in f32 and in a fixed order. Not
 * thread-safe.
 */
final class Sgd {

    private final float rate;
    private final float[] values;
    private final float[] gradient = new float[PARAMETERS];
    private final float[] hidden = new float[HIDDEN];
    private final float[] logits = new float[OUTPUTS];

    Sgd(Mlp start, float rate) {
        this.values = start.values();
        this.rate = rate;
    }

    /** One step against the mean gradient of these rows. */
    void step(TrainingSet data, int[] rows) {
        float[] mean = gradient(data, rows);
        for (int p = 0; p < PARAMETERS; p++) {
            values[p] -= rate * mean[p];
        }
    }

    /** The mean gradient of these rows, in the layout's order; valid until the next call. */
    float[] gradient(TrainingSet data, int[] rows) {
        Arrays.fill(gradient, 0);
        for (int row : rows) {
            add(data.pixels(row), data.label(row));
        }
        for (int p = 0; p < PARAMETERS; p++) {
            gradient[p] /= rows.length;
        }
        return gradient;
    }

    /** Goes on from other weights. */
    void replace(Mlp weights) {
        System.arraycopy(weights.values(), 0, values, 0, PARAMETERS);
    }

    /** The weights as they are now. */
    Mlp weights() {
        return Mlp.of(values);
    }

    private void add(float[] x, int label) {
        Mlp.forward(values, x, hidden, logits);
        softmax(logits);
        logits[label] -= 1;
        for (int k = 0; k < OUTPUTS; k++) {
            gradient[BIAS_2 + k] += logits[k];
            int row = WEIGHT_2 + k * HIDDEN;
            for (int j = 0; j < HIDDEN; j++) {
                gradient[row + j] += logits[k] * hidden[j];
            }
        }
        for (int j = 0; j < HIDDEN; j++) {
            if (hidden[j] > 0) {
                addHidden(j, x);
            }
        }
    }

    private void addHidden(int j, float[] x) {
        float slope = 0;
        for (int k = 0; k < OUTPUTS; k++) {
            slope += values[WEIGHT_2 + k * HIDDEN + j] * logits[k];
        }
        gradient[BIAS_1 + j] += slope;
        int row = WEIGHT_1 + j * INPUTS;
        for (int i = 0; i < INPUTS; i++) {
            gradient[row + i] += slope * x[i];
        }
    }

    /** Turns logits into probabilities, in place. */
    private static void softmax(float[] logits) {
        float max = logits[0];
        for (float logit : logits) {
            max = Math.max(max, logit);
        }
        float sum = 0;
        for (int k = 0; k < logits.length; k++) {
            logits[k] = (float) StrictMath.exp(logits[k] - max);
            sum += logits[k];
        }
        for (int k = 0; k < logits.length; k++) {
            logits[k] /= sum;
        }
    }
}
