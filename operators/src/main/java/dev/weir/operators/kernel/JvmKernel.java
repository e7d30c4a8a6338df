package dev.weir.operators.kernel;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.weir.schemas.tensor.Dtype;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** The definition: flat loops over memory segments, which the JIT vectorises. */
final class JvmKernel implements Kernel {
    static final JvmKernel KERNEL = new JvmKernel();

    private static final ValueLayout.OfFloat F32 = JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble F64 = JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    /** Elements that are decoded at a time: small enough to stay in the first-level cache. */
    private static final int BLOCK = 2048;

    private JvmKernel() {}

    @Override
    public void lerp32(MemorySegment mean, MemorySegment theta, Dtype dtype, int elements, float a) {
        if (dtype == Dtype.F32) {
            if (a == 1) {
                MemorySegment.copy(theta, 0, mean, 0, 4L * elements);
                return;
            }
            for (int i = 0; i < elements; i++) {
                float m = mean.getAtIndex(F32, i);
                mean.setAtIndex(F32, i, Math.fma(a, theta.getAtIndex(F32, i) - m, m));
            }
            return;
        }
        float[] block = new float[Math.min(BLOCK, elements)];
        for (int from = 0; from < elements; from += BLOCK) {
            int n = Math.min(BLOCK, elements - from);
            FloatCodec.decode(theta, dtype, from, n, block);
            for (int i = 0; i < n; i++) {
                float m = mean.getAtIndex(F32, from + i);
                mean.setAtIndex(F32, from + i, a == 1 ? block[i] : Math.fma(a, block[i] - m, m));
            }
        }
    }

    @Override
    public void lerp64(MemorySegment mean, MemorySegment theta, int elements, double a) {
        if (a == 1) {
            MemorySegment.copy(theta, 0, mean, 0, 8L * elements);
            return;
        }
        for (int i = 0; i < elements; i++) {
            double m = mean.getAtIndex(F64, i);
            mean.setAtIndex(F64, i, Math.fma(a, theta.getAtIndex(F64, i) - m, m));
        }
    }

    @Override
    public void addScaled64(MemorySegment sum, MemorySegment theta, Dtype dtype, int elements, double w) {
        if (dtype == Dtype.F32) {
            for (int i = 0; i < elements; i++) {
                sum.setAtIndex(F64, i, Math.fma(w, theta.getAtIndex(F32, i), sum.getAtIndex(F64, i)));
            }
            return;
        }
        float[] block = new float[Math.min(BLOCK, elements)];
        for (int from = 0; from < elements; from += BLOCK) {
            int n = Math.min(BLOCK, elements - from);
            FloatCodec.decode(theta, dtype, from, n, block);
            for (int i = 0; i < n; i++) {
                sum.setAtIndex(F64, from + i, Math.fma(w, block[i], sum.getAtIndex(F64, from + i)));
            }
        }
    }

    @Override
    public void round32(MemorySegment mean, Dtype dtype, int elements, MemorySegment out) {
        if (dtype == Dtype.F32) {
            MemorySegment.copy(mean, 0, out, 0, 4L * elements);
            return;
        }
        float[] block = new float[Math.min(BLOCK, elements)];
        for (int from = 0; from < elements; from += BLOCK) {
            int n = Math.min(BLOCK, elements - from);
            FloatCodec.decode(mean, Dtype.F32, from, n, block);
            FloatCodec.encode(block, n, dtype, out, from);
        }
    }

    @Override
    public void divideRound64(MemorySegment sum, Dtype dtype, int elements, double divisor, MemorySegment out) {
        if (dtype == Dtype.F32) {
            for (int i = 0; i < elements; i++) {
                out.setAtIndex(F32, i, (float) (sum.getAtIndex(F64, i) / divisor));
            }
            return;
        }
        float[] block = new float[Math.min(BLOCK, elements)];
        for (int from = 0; from < elements; from += BLOCK) {
            int n = Math.min(BLOCK, elements - from);
            for (int i = 0; i < n; i++) {
                block[i] = (float) (sum.getAtIndex(F64, from + i) / divisor);
            }
            FloatCodec.encode(block, n, dtype, out, from);
        }
    }

    @Override
    public int firstNonFinite(MemorySegment values, Dtype dtype, int elements) {
        if (dtype == Dtype.F64) {
            for (int i = 0; i < elements; i++) {
                if (!Double.isFinite(values.getAtIndex(F64, i))) {
                    return i;
                }
            }
            return -1;
        }
        float[] block = new float[Math.min(BLOCK, elements)];
        for (int from = 0; from < elements; from += BLOCK) {
            int n = Math.min(BLOCK, elements - from);
            FloatCodec.decode(values, dtype, from, n, block);
            for (int i = 0; i < n; i++) {
                if (!Float.isFinite(block[i])) {
                    return from + i;
                }
            }
        }
        return -1;
    }
}
