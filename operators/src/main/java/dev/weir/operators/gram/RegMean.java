package dev.weir.operators.gram;

import dev.weir.operators.Cost;
import dev.weir.operators.Facts;
import dev.weir.operators.MethodSpec;
import dev.weir.operators.setting.Setting;
import dev.weir.operators.setting.Settings;
import dev.weir.operators.solve.SpdSystem;
import java.util.List;
import java.util.Map;

/**
 * RegMean: merges a linear layer of several models so that its outputs are nearest to those of each model on that model's own
 * inputs. W = (Σ λ_k G̃_k)⁻¹ Σ λ_k G̃_k W_k minimises Σ λ_k ‖X_k (W − W_k)‖² where G̃_k is G_k = X_kᵀX_k, the mean over the
 * examples; G̃ has the elements off the diagonal times a.
 *
 * <p>Source: Jin et al., Dataless Knowledge Fusion by Merging Weights of Language Models (2023), equation 2 and section 3.2; a is
 * 0.9 for most models and 0.1 for T5 there, from memory. The ridge is ours: inputs that are never active leave a 0 on the
 * diagonal; with r times the mean of the diagonal added to every G̃_k they get the mean of the weights, as all other tensors of
 * a model should. Since G_k is a mean, the number of examples does not count unless λ says so.
 *
 * @param offDiagonal a, in [0, 1]; default 0.9
 * @param ridge r, relative to the mean of the diagonal, in [0, 1]; default 1e-6
 */
public record RegMean(double offDiagonal, double ridge) {

    /** What it can be told. */
    public static final List<Setting> SETTINGS = List.of(
            Setting.number("off-diagonal", 0.9, 0, 1, "factor of the Gram matrices off their diagonal"),
            Setting.number("ridge", 1e-6, 0, 1, "added to the diagonal, as a share of its mean"));

    /** As people name it. */
    public static final MethodSpec SPEC = new MethodSpec(
            "regmean",
            "B12",
            "Dataless Knowledge Fusion by Merging Weights of Language Models",
            "Jin et al. 2023, arXiv:2212.09849, equation 2",
            SETTINGS,
            Facts.of(
                            "K5 Gram matrices and a solve of each layer",
                            "W = (sum G_k)^-1 sum G_k W_k for each linear layer, G_k = X_k^T X_k / n, elements off its diagonal"
                                    + " times off-diagonal; the mean for other tensors",
                            "For models of different tasks, where inputs of their layers can be had. Gram matrices are computed by"
                                    + " whoever has the data: a tensor LAYER.weight of inputs by inputs for each layer.")
                    .needing("gram")
                    .costing(Cost.MATRIX),
            "weir merge --operator regmean",
            false);

    /** With these settings, the defaults for the rest. */
    public static RegMean of(Map<String, ?> values) {
        Settings settings = SPEC.read(values);
        return new RegMean(settings.number("off-diagonal"), settings.number("ridge"));
    }

    /** A sum that models of a layer can be added to, in any order; see {@link #add}. */
    public static GramSum start(int inputs, int outputs) {
        return new GramSum(inputs, outputs);
    }

    /**
     * Adds a model to a layer's sum.
     *
     * @param gram G_k, inputs by inputs, symmetric, the mean of x xᵀ over the examples
     * @param weights W_k, inputs by outputs: the transpose of PyTorch's {@code weight} of a Linear; see {@link #transposed}
     * @param coefficient λ_k, above 0; only ratios count
     * @throws IllegalArgumentException if a shape or a number is not allowed; nothing is added then
     */
    public void add(GramSum sum, double[][] gram, double[][] weights, double coefficient) {
        if (!(coefficient > 0 && coefficient < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("coefficient: " + coefficient + "; allowed: above 0, and finite");
        }
        double trace = 0;
        for (int i = 0; i < gram.length; i++) {
            trace += gram[i][i];
        }
        double added = ridge * trace / gram.length;
        double[][] shrunk = new double[gram.length][];
        for (int i = 0; i < gram.length; i++) {
            shrunk[i] = gram[i].clone();
            for (int j = 0; j < gram[i].length; j++) {
                shrunk[i][j] *= i == j ? 1 : offDiagonal;
            }
            shrunk[i][i] += added;
        }
        sum.add(shrunk, weights, coefficient);
    }

    /**
     * Merges a layer.
     *
     * @param layer for messages
     * @param grams of the models
     * @param weights of the models, each inputs by outputs
     * @param coefficients of the models
     * @return weights, inputs by outputs, with the condition of the system that was solved
     * @throws IllegalArgumentException if there are none, shapes differ, or the system is too near to a singular one
     */
    public SpdSystem.Solution merge(
            String layer, List<double[][]> grams, List<double[][]> weights, double[] coefficients) {
        if (grams.isEmpty() || weights.size() != grams.size() || coefficients.length != grams.size()) {
            throw new IllegalArgumentException(
                    layer + ": " + grams.size() + " Gram matrices, " + weights.size() + " weights and "
                            + coefficients.length + " coefficients; allowed: one each for at least one model");
        }
        GramSum sum = start(weights.get(0).length, weights.get(0)[0].length);
        for (int k = 0; k < grams.size(); k++) {
            add(sum, grams.get(k), weights.get(k), coefficients[k]);
        }
        return sum.solve(layer);
    }

    /** A matrix turned: PyTorch's outputs by inputs into inputs by outputs, and back. */
    public static double[][] transposed(double[][] matrix) {
        double[][] turned = new double[matrix.length == 0 ? 0 : matrix[0].length][matrix.length];
        for (int i = 0; i < matrix.length; i++) {
            for (int j = 0; j < turned.length; j++) {
                turned[j][i] = matrix[i][j];
            }
        }
        return turned;
    }
}
