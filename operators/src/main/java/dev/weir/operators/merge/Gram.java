package dev.weir.operators.merge;

import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.tensor.Dtype;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/**
 * K4, the reductions of one tensor: dot products of the models' differences from the first model, in f64. Every norm, angle
 * and distance between combinations of the models follows from them, without cancellation between nearby models. Partials
 * are those of chunks; they are added in the order of the chunks, so that whoever computes them, and on how many threads,
 * the bits are the same.
 */
public final class Gram {
    /** Elements that are reduced at a time; all models' differences of a block stay in the cache. */
    public static final int BLOCK_ELEMENTS = 8_192;

    private final int count;
    private final double[] dots;

    private Gram(int count, double[] dots) {
        this.count = count;
        this.dots = dots;
    }

    /** Of so many models, before the first chunk. */
    public static Gram zero(int count) {
        return new Gram(count, new double[count * count]);
    }

    /** Of differences given as numbers, the first model's being zero. */
    static Gram of(List<double[]> models) {
        Gram gram = zero(models.size());
        double[] first = models.getFirst();
        for (int i = 0; i < gram.count; i++) {
            for (int j = 0; j < gram.count; j++) {
                for (int e = 0; e < first.length; e++) {
                    gram.dots[i * gram.count + j] += (models.get(i)[e] - first[e]) * (models.get(j)[e] - first[e]);
                }
            }
        }
        return gram;
    }

    /** Memory for blocks of so many models; for one thread. */
    public static double[][] memory(int count) {
        return new double[count][BLOCK_ELEMENTS];
    }

    /**
     * Adds a block of a chunk.
     *
     * @param blocks the models' bytes, in order; count of them
     * @param elements at most {@link #BLOCK_ELEMENTS}
     * @param memory from {@link #memory}
     */
    public void add(Kernel kernel, List<MemorySegment> blocks, Dtype dtype, int elements, double[][] memory) {
        double[] first = memory[0];
        kernel.decode64(blocks.getFirst(), dtype, 0, elements, first);
        for (int i = 1; i < count; i++) {
            double[] difference = memory[i];
            kernel.decode64(blocks.get(i), dtype, 0, elements, difference);
            for (int e = 0; e < elements; e++) {
                difference[e] -= first[e];
            }
            for (int j = 1; j <= i; j++) {
                dots[i * count + j] += kernel.dot64(difference, memory[j], elements);
            }
        }
        for (int i = 1; i < count; i++) {
            for (int j = i + 1; j < count; j++) {
                dots[i * count + j] = dots[j * count + i];
            }
        }
    }

    /** The sum of both: this one's chunks come first. */
    public Gram plus(Gram later) {
        double[] sums = dots.clone();
        for (int i = 0; i < sums.length; i++) {
            sums[i] += later.dots[i];
        }
        return new Gram(count, sums);
    }

    /** Dot product of the differences of models i and j from the first. */
    public double dot(int i, int j) {
        return dots[i * count + j];
    }

    /** Euclidean length of the difference of model i from the first. */
    double norm(int i) {
        return Math.sqrt(dot(i, i));
    }

    /** Euclidean length of sum v_i theta_i, for v that sum to 0. */
    double lengthOf(double[] v) {
        double square = 0;
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < count; j++) {
                square += v[i] * v[j] * dot(i, j);
            }
        }
        return Math.sqrt(Math.max(0, square));
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Gram that && count == that.count && Arrays.equals(dots, that.dots);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(dots);
    }
}
