package dev.weir.operators.kernel;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.weir.schemas.tensor.Dtype;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The definition: flat loops over memory segments. The JIT of JDK 25 vectorises those over ints, not those over floats, whose
 * accesses are ints that are reinterpreted: of those with a mean, {@link VectorLerps} does what whole vectors hold, where it may.
 */
final class JvmKernel implements Kernel {
    static final JvmKernel KERNEL = new JvmKernel();

    private static final ValueLayout.OfFloat F32 = JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt I32 = JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort I16 = JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
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
            for (int i = vectors(mean, theta, dtype, elements, a); i < elements; i++) {
                float m = mean.getAtIndex(F32, i);
                mean.setAtIndex(F32, i, Math.fma(a, theta.getAtIndex(F32, i) - m, m));
            }
            return;
        }
        if (dtype == Dtype.BF16 && a != 1) {
            for (int i = vectors(mean, theta, dtype, elements, a); i < elements; i++) {
                float m = mean.getAtIndex(F32, i);
                float x = Float.intBitsToFloat(theta.getAtIndex(I16, i) << 16);
                mean.setAtIndex(F32, i, Math.fma(a, x - m, m));
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

    /** Elements that whole vectors have done. */
    private static int vectors(MemorySegment mean, MemorySegment theta, Dtype dtype, int elements, float a) {
        return VectorUnit.ready(elements) ? VectorLerps.one(mean, theta, dtype, elements, a) : 0;
    }

    @Override
    public void lerps32(MemorySegment[] means, MemorySegment theta, Dtype dtype, int elements, float[] a) {
        int k = 0;
        while (k < means.length) {
            boolean four = k + 4 <= means.length && noneCopies(a, k);
            if (four && dtype == Dtype.F32) {
                FourLerps.f32(means, k, theta, elements, a);
                k += 4;
            } else if (four && dtype == Dtype.BF16) {
                FourLerps.bf16(means, k, theta, elements, a);
                k += 4;
            } else {
                lerp32(means[k], theta, dtype, elements, a[k]);
                k++;
            }
        }
    }

    @Override
    public void lerps32(
            MemorySegment[] means,
            MemorySegment first,
            MemorySegment second,
            Dtype dtype,
            int elements,
            float[] a,
            float[] b) {
        int k = 0;
        while (k < means.length) {
            boolean four = k + 4 <= means.length && noneCopies(a, k) && noneCopies(b, k);
            if (four && dtype == Dtype.F32) {
                LerpsTwice.fourF32(means, k, first, second, elements, a, b);
                k += 4;
            } else if (four && dtype == Dtype.BF16) {
                LerpsTwice.fourBf16(means, k, first, second, elements, a, b);
                k += 4;
            } else {
                lerps32(means[k], first, second, dtype, elements, a[k], b[k]);
                k++;
            }
        }
    }

    private void lerps32(
            MemorySegment mean,
            MemorySegment first,
            MemorySegment second,
            Dtype dtype,
            int elements,
            float a,
            float b) {
        if (a != 1 && b != 1 && dtype == Dtype.F32) {
            LerpsTwice.f32(mean, first, second, elements, a, b);
        } else if (a != 1 && b != 1 && dtype == Dtype.BF16) {
            LerpsTwice.bf16(mean, first, second, elements, a, b);
        } else {
            lerp32(mean, first, dtype, elements, a);
            lerp32(mean, second, dtype, elements, b);
        }
    }

    private static boolean noneCopies(float[] a, int k) {
        return a[k] != 1 && a[k + 1] != 1 && a[k + 2] != 1 && a[k + 3] != 1;
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
    public void decode64(MemorySegment theta, Dtype dtype, int first, int count, double[] to) {
        if (dtype == Dtype.F64) {
            MemorySegment.copy(theta, F64, 8L * first, to, 0, count);
            return;
        }
        if (dtype == Dtype.F32) {
            for (int i = 0; i < count; i++) {
                to[i] = theta.getAtIndex(F32, first + i);
            }
            return;
        }
        float[] block = new float[Math.min(BLOCK, count)];
        for (int from = 0; from < count; from += BLOCK) {
            int n = Math.min(BLOCK, count - from);
            FloatCodec.decode(theta, dtype, first + from, n, block);
            for (int i = 0; i < n; i++) {
                to[from + i] = block[i];
            }
        }
    }

    @Override
    public void encode64(double[] from, int count, Dtype dtype, MemorySegment out, int first) {
        if (dtype == Dtype.F64) {
            MemorySegment.copy(from, 0, out, F64, 8L * first, count);
            return;
        }
        if (dtype == Dtype.F32) {
            for (int i = 0; i < count; i++) {
                out.setAtIndex(F32, first + i, (float) from[i]);
            }
            return;
        }
        float[] block = new float[Math.min(BLOCK, count)];
        for (int done = 0; done < count; done += BLOCK) {
            int n = Math.min(BLOCK, count - done);
            for (int i = 0; i < n; i++) {
                block[i] = (float) from[done + i];
            }
            FloatCodec.encode(block, n, dtype, out, first + done);
        }
    }

    @Override
    public double dot64(double[] a, double[] b, int count) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        double s4 = 0;
        double s5 = 0;
        double s6 = 0;
        double s7 = 0;
        int whole = count & ~7;
        for (int i = 0; i < whole; i += 8) {
            s0 = Math.fma(a[i], b[i], s0);
            s1 = Math.fma(a[i + 1], b[i + 1], s1);
            s2 = Math.fma(a[i + 2], b[i + 2], s2);
            s3 = Math.fma(a[i + 3], b[i + 3], s3);
            s4 = Math.fma(a[i + 4], b[i + 4], s4);
            s5 = Math.fma(a[i + 5], b[i + 5], s5);
            s6 = Math.fma(a[i + 6], b[i + 6], s6);
            s7 = Math.fma(a[i + 7], b[i + 7], s7);
        }
        double tail = 0;
        for (int i = whole; i < count; i++) {
            tail = Math.fma(a[i], b[i], tail);
        }
        return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7)) + tail;
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
        for (int from = 0; from < elements; from += BLOCK) {
            int n = Math.min(BLOCK, elements - from);
            if (n % 4 != 0 || mayBeNonFinite(values, dtype, (long) from * dtype.bytes(), n * dtype.bytes() / 4)) {
                int at = firstNonFinite(values, dtype, from, n);
                if (at >= 0) {
                    return at;
                }
            }
        }
        return -1;
    }

    /**
     * Whether any of these has an exponent of ones only (a code of ones only, where there are no infinities): adding one to
     * its lowest bit then carries into the sign, in all elements of an int at once.
     */
    private static boolean mayBeNonFinite(MemorySegment values, Dtype dtype, long firstByte, int ints) {
        int mask;
        int lowest;
        int signs;
        switch (dtype) {
            case BF16 -> {
                mask = 0x7f807f80;
                lowest = 0x00800080;
                signs = 0x80008000;
            }
            case F16 -> {
                mask = 0x7c007c00;
                lowest = 0x04000400;
                signs = 0x80008000;
            }
            case F8_E5M2 -> {
                mask = 0x7c7c7c7c;
                lowest = 0x04040404;
                signs = 0x80808080;
            }
            case F8_E4M3 -> {
                mask = 0x7f7f7f7f;
                lowest = 0x01010101;
                signs = 0x80808080;
            }
            default -> {
                mask = 0x7f800000;
                lowest = 0x00800000;
                signs = 0x80000000;
            }
        }
        int carried = 0;
        for (int i = 0; i < ints; i++) {
            carried |= (values.get(I32, firstByte + 4L * i) & mask) + lowest;
        }
        return (carried & signs) != 0;
    }

    private static int firstNonFinite(MemorySegment values, Dtype dtype, int from, int n) {
        float[] block = new float[n];
        FloatCodec.decode(values, dtype, from, n, block);
        for (int i = 0; i < n; i++) {
            if (!Float.isFinite(block[i])) {
                return from + i;
            }
        }
        return -1;
    }
}
