package dev.weir.operators.shape;

import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.tensor.Dtype;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * K1 with a denominator of each element. With S_k the numbers of the k-th model's companion, scaled and at least the floor, and
 * p = factor_0 S_0 + constant: theta = theta_0 + sum_k s (factor_k S_k + (shared ? p : 0)) (theta_k - theta_0) / (p + s sum_k
 * factor_k S_k), k from 1. Where the denominator is 0, and without a companion, theta = theta_0 + sum_k plain_k (theta_k -
 * theta_0) / sum_k plain_k. A value that all models share stays what it is.
 *
 * <p>Coefficients: [models before, factor, scale of the numbers, plain, sum of plain so far]. State: the first model in the
 * tensor's dtype; in f64 the numerator, which holds the plain sum while the denominator is 0, and the denominator; and p where
 * it is shared.
 *
 * @param scale s, 0 or more
 * @param constant 0 or more
 * @param shared whether p counts for each model rather than for the first alone
 * @param floor smallest S_k, 0 or more
 */
public record ElementMean(double scale, double constant, boolean shared, double floor) implements Shape {
    private static final int BLOCK = 2_048;

    @Override
    public long stateBytes(Dtype dtype, int elements) {
        return (dtype.bytes() + (shared ? 24L : 16L)) * elements;
    }

    @Override
    public void update(
            Kernel kernel,
            MemorySegment state,
            MemorySegment theta,
            Dtype dtype,
            int elements,
            List<Double> coefficients) {
        update(kernel, state, theta, null, dtype, elements, coefficients);
    }

    @Override
    public void update(
            Kernel kernel,
            MemorySegment state,
            MemorySegment theta,
            @Nullable Companion companion,
            Dtype dtype,
            int elements,
            List<Double> coefficients) {
        boolean first = coefficients.get(0) == 0;
        if (first) {
            state.asSlice(0, (long) dtype.bytes() * elements).copyFrom(theta);
        }
        Blocks blocks = new Blocks(kernel, state, dtype, elements);
        double[] numbers = new double[BLOCK];
        double[] model = new double[BLOCK];
        for (int from = 0; from < elements; from += BLOCK) {
            int n = Math.min(BLOCK, elements - from);
            weights(kernel, companion, from, n, coefficients, numbers);
            if (first) {
                begin(n, companion == null ? 0 : constant, numbers, blocks);
            } else {
                kernel.decode64(theta, dtype, from, n, model);
                blocks.read(from, n);
                add(n, coefficients.get(3), numbers, model, blocks);
            }
            blocks.write(from, n);
        }
    }

    /** Sets factor S_k, 0 without a companion. */
    private void weights(
            Kernel kernel,
            @Nullable Companion companion,
            int from,
            int n,
            List<Double> coefficients,
            double[] numbers) {
        if (companion == null) {
            Arrays.fill(numbers, 0, n, 0);
            return;
        }
        double factor = coefficients.get(1);
        double scaled = coefficients.get(2);
        double smallest = 0;
        double largest = 0;
        kernel.decode64(companion.bytes(), companion.dtype(), from, n, numbers);
        for (int i = 0; i < n; i++) {
            smallest = Math.min(smallest, numbers[i]);
            largest = Math.max(largest, numbers[i]);
            numbers[i] = factor * Math.max(numbers[i] * scaled, floor);
        }
        if (!(smallest >= 0 && largest < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "a weight is " + (smallest >= 0 ? largest : smallest) + "; allowed: finite numbers, 0 and more");
        }
    }

    private static void begin(int n, double added, double[] own, Blocks blocks) {
        for (int i = 0; i < n; i++) {
            blocks.prior[i] = own[i] + added;
        }
        System.arraycopy(blocks.prior, 0, blocks.under, 0, n);
        Arrays.fill(blocks.over, 0, n, 0);
    }

    private void add(int n, double plain, double[] own, double[] theta, Blocks blocks) {
        double common = shared ? 1 : 0;
        for (int i = 0; i < n; i++) {
            double before = blocks.under[i];
            double difference = theta[i] - blocks.first[i];
            double under = Math.fma(scale, own[i], before);
            double weight = under == 0 ? plain : scale * (own[i] + common * blocks.prior[i]);
            // While nothing has a weight, the numerator is the plain sum.
            double over = before == 0 && under > 0 ? 0 : blocks.over[i];
            blocks.over[i] = Math.fma(weight, difference, over);
            blocks.under[i] = under;
        }
    }

    @Override
    public void emit(
            Kernel kernel,
            MemorySegment state,
            Dtype dtype,
            int elements,
            List<Double> coefficients,
            MemorySegment out) {
        double plain = coefficients.get(4);
        Blocks blocks = new Blocks(kernel, state, dtype, elements);
        double[] result = new double[BLOCK];
        for (int from = 0; from < elements; from += BLOCK) {
            int n = Math.min(BLOCK, elements - from);
            blocks.read(from, n);
            for (int i = 0; i < n; i++) {
                double under = blocks.under[i] == 0 ? plain : blocks.under[i];
                result[i] = blocks.over[i] == 0 ? blocks.first[i] : blocks.first[i] + blocks.over[i] / under;
            }
            kernel.encode64(result, n, dtype, out, from);
        }
    }

    /** Each element has weights of its own; these are the plain ones. */
    @Override
    public double[] effectiveWeights(List<List<Double>> updates) {
        double[] weights = new double[updates.size()];
        double total = updates.isEmpty() ? 0 : updates.getLast().get(4);
        for (int i = 0; i < weights.length; i++) {
            weights[i] = total == 0 ? (i == 0 ? 1 : 0) : updates.get(i).get(3) / total;
        }
        return weights;
    }

    /** A block of elements of a state, decoded. */
    private final class Blocks {
        private final Kernel kernel;
        private final Dtype dtype;
        private final MemorySegment theta;
        private final MemorySegment overs;
        private final MemorySegment unders;
        private final MemorySegment priors;
        private final double[] first = new double[BLOCK];
        private final double[] over = new double[BLOCK];
        private final double[] under = new double[BLOCK];
        private final double[] prior = new double[BLOCK];

        Blocks(Kernel kernel, MemorySegment state, Dtype dtype, int elements) {
            this.kernel = kernel;
            this.dtype = dtype;
            long begin = (long) dtype.bytes() * elements;
            this.theta = state.asSlice(0, begin);
            this.overs = state.asSlice(begin, 8L * elements);
            this.unders = state.asSlice(begin + 8L * elements, 8L * elements);
            this.priors = shared ? state.asSlice(begin + 16L * elements, 8L * elements) : MemorySegment.NULL;
        }

        void read(int from, int n) {
            kernel.decode64(theta, dtype, from, n, first);
            kernel.decode64(overs, Dtype.F64, from, n, over);
            kernel.decode64(unders, Dtype.F64, from, n, under);
            if (shared) {
                kernel.decode64(priors, Dtype.F64, from, n, prior);
            }
        }

        void write(int from, int n) {
            kernel.encode64(over, n, Dtype.F64, overs, from);
            kernel.encode64(under, n, Dtype.F64, unders, from);
            if (shared) {
                kernel.encode64(prior, n, Dtype.F64, priors, from);
            }
        }
    }
}
