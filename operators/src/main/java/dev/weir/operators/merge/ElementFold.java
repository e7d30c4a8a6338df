package dev.weir.operators.merge;

import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.tensor.Dtype;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * {@link ElementWeights} over one chunk, in f64, models in their order. The memory is used again for each chunk; for one
 * thread.
 */
public final class ElementFold {
    private final Kernel kernel;
    private final ElementWeights weights;
    private final double[] scales;
    private double[] first = new double[0];
    private double[] prior = new double[0];
    private double[] over = new double[0];
    private double[] under = new double[0];
    private double[] plain = new double[0];
    private double[] theta = new double[0];
    private double[] side = new double[0];

    /** @param scales what the numbers of each model are multiplied with, from the normalisation */
    public ElementFold(Kernel kernel, ElementWeights weights, double[] scales) {
        this.kernel = kernel;
        this.weights = weights;
        this.scales = scales.clone();
    }

    /** Begins a chunk with the first model; its bytes, and those of its second file in that one's dtype. */
    public void begin(MemorySegment bytes, Dtype dtype, MemorySegment numbers, Dtype sideDtype, int n) {
        if (first.length < n) {
            first = new double[n];
            prior = new double[n];
            over = new double[n];
            under = new double[n];
            plain = new double[n];
            theta = new double[n];
            side = new double[n];
        }
        kernel.decode64(bytes, dtype, 0, n, first);
        side(numbers, sideDtype, n, 0);
        double factor = weights.factors().get(0);
        double constant = weights.constant();
        for (int i = 0; i < n; i++) {
            prior[i] = factor * side[i] + constant;
        }
        System.arraycopy(prior, 0, under, 0, n);
        Arrays.fill(over, 0, n, 0);
        Arrays.fill(plain, 0, n, 0);
    }

    /** Adds a further model. */
    public void add(MemorySegment bytes, Dtype dtype, MemorySegment numbers, Dtype sideDtype, int n, int model) {
        kernel.decode64(bytes, dtype, 0, n, theta);
        side(numbers, sideDtype, n, model);
        double factor = weights.factors().get(model);
        double scale = weights.scale();
        double shared = weights.shared() ? 1 : 0;
        double share = weights.plain().get(model);
        for (int i = 0; i < n; i++) {
            double own = factor * side[i];
            double difference = theta[i] - first[i];
            over[i] = Math.fma(scale * (own + shared * prior[i]), difference, over[i]);
            under[i] = Math.fma(scale, own, under[i]);
            plain[i] = Math.fma(share, difference, plain[i]);
        }
    }

    /** Writes the result, rounded to nearest even. */
    public void emit(Dtype dtype, int n, MemorySegment out) {
        for (int i = 0; i < n; i++) {
            theta[i] = first[i] + (under[i] == 0 ? plain[i] : over[i] / under[i]);
        }
        kernel.encode64(theta, n, dtype, out, 0);
    }

    private void side(MemorySegment numbers, Dtype dtype, int n, int model) {
        kernel.decode64(numbers, dtype, 0, n, side);
        double floor = weights.floor();
        double scale = scales[model];
        double smallest = 0;
        for (int i = 0; i < n; i++) {
            smallest = Math.min(smallest, side[i]);
            side[i] = Math.max(side[i] * scale, floor);
        }
        if (!(smallest >= 0)) {
            throw new IllegalArgumentException("a weight is " + smallest + "; allowed: 0 and more");
        }
    }
}
