package dev.weir.operators.kernel;

import dev.weir.schemas.tensor.Dtype;
import java.lang.foreign.MemorySegment;

/**
 * The elementwise loops. Every implementation gives the same bits: one formula form per operation, fused multiply-add
 * where it is named, rounding to nearest even, no flush to zero. All memory is little-endian and may be unaligned.
 */
public sealed interface Kernel permits JvmKernel {
    /** The kernel that this machine runs best. */
    static Kernel create() {
        return JvmKernel.KERNEL;
    }

    /**
     * Returns when the loops are as fast as they become, after a second or so; they become so by themselves in a process that folds
     * much.
     */
    static void warmUp() {
        if (VectorUnit.isThere()) {
            VectorUnit.warmUp();
        }
    }

    /** mean[i] = fma(a, theta[i] - mean[i], mean[i]) in f32; theta decoded from its dtype; a = 1 copies theta. */
    void lerp32(MemorySegment mean, MemorySegment theta, Dtype dtype, int elements, float a);

    /**
     * As lerp32 of each mean with its own a, with the same bits; four of them share one reading of an f32 or bf16 theta.
     *
     * @param means as many as a; none overlaps another or theta
     */
    void lerps32(MemorySegment[] means, MemorySegment theta, Dtype dtype, int elements, float[] a);

    /**
     * As lerps32 by one theta and then by another, with the same bits; a mean over f32 or bf16 is read and written once for both.
     *
     * @param first with the shares a
     * @param second with the shares b, as many
     */
    void lerps32(
            MemorySegment[] means,
            MemorySegment first,
            MemorySegment second,
            Dtype dtype,
            int elements,
            float[] a,
            float[] b);

    /** As lerp32, in f64 over f64. */
    void lerp64(MemorySegment mean, MemorySegment theta, int elements, double a);

    /** sum[i] = fma(w, theta[i], sum[i]) in f64; theta decoded from its dtype, not F64. */
    void addScaled64(MemorySegment sum, MemorySegment theta, Dtype dtype, int elements, double w);

    /** out[i] = mean[i], f32 rounded to the dtype. */
    void round32(MemorySegment mean, Dtype dtype, int elements, MemorySegment out);

    /** out[i] = sum[i] / divisor in f64, rounded to f32 and from there to the dtype, not F64. */
    void divideRound64(MemorySegment sum, Dtype dtype, int elements, double divisor, MemorySegment out);

    /** to[i] = theta[first + i], exact; any float dtype. */
    default void decode64(MemorySegment theta, Dtype dtype, int first, int count, double[] to) {
        JvmKernel.KERNEL.decode64(theta, dtype, first, count, to);
    }

    /** out[first + i] = from[i], rounded to f32 and from there to the dtype; F64 as it is. */
    default void encode64(double[] from, int count, Dtype dtype, MemorySegment out, int first) {
        JvmKernel.KERNEL.encode64(from, count, dtype, out, first);
    }

    /** Sum of a[i] b[i] in f64, in eight interleaved sums that are added as a tree: the same bits everywhere. */
    default double dot64(double[] a, double[] b, int count) {
        return JvmKernel.KERNEL.dot64(a, b, count);
    }

    /** Number of the first NaN or infinity, -1 if there is none. */
    int firstNonFinite(MemorySegment values, Dtype dtype, int elements);
}
