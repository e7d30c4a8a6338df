package dev.weir.operators.merge;

import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.tensor.Dtype;
import java.lang.foreign.MemorySegment;

/**
 * K6 over one chunk: the reference plus sum lambda_i (theta_i - reference), in f64, models in their order. The reference is
 * the model with the largest coefficient in magnitude, the first of equals: a model that is taken alone comes out bit for
 * bit, a value that all models share stays what it is, and models with coefficient 0 are not looked at. The memory is used
 * again for each chunk; for one thread.
 */
public final class CombinationFold {
    private final Kernel kernel;
    private double[] sum = new double[0];
    private double[] reference = new double[0];
    private double[] block = new double[0];

    public CombinationFold(Kernel kernel) {
        this.kernel = kernel;
    }

    /** Number of the model that must come first. */
    public static int reference(double[] coefficients) {
        int largest = 0;
        for (int i = 1; i < coefficients.length; i++) {
            if (Math.abs(coefficients[i]) > Math.abs(coefficients[largest])) {
                largest = i;
            }
        }
        return largest;
    }

    /** Begins a chunk with the reference's bytes. */
    public void begin(MemorySegment theta, Dtype dtype, int elements) {
        if (sum.length < elements) {
            sum = new double[elements];
            reference = new double[elements];
            block = new double[elements];
        }
        kernel.decode64(theta, dtype, 0, elements, reference);
        System.arraycopy(reference, 0, sum, 0, elements);
    }

    /** Adds another model. */
    public void add(MemorySegment theta, Dtype dtype, int elements, double coefficient) {
        kernel.decode64(theta, dtype, 0, elements, block);
        addScaledDifference(sum, block, reference, elements, coefficient);
    }

    /** The result so far, f64; valid until the next call. */
    public double[] result() {
        return sum;
    }

    /** Writes the result, rounded to nearest even. */
    public void emit(Dtype dtype, int elements, MemorySegment out) {
        kernel.encode64(sum, elements, dtype, out, 0);
    }

    private static void addScaledDifference(double[] sum, double[] theta, double[] reference, int n, double scale) {
        for (int i = 0; i < n; i++) {
            sum[i] = Math.fma(scale, theta[i] - reference[i], sum[i]);
        }
    }
}
