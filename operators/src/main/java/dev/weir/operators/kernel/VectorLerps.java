package dev.weir.operators.kernel;

import dev.weir.schemas.tensor.Dtype;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The loops of {@link JvmKernel}, {@link FourLerps} and {@link LerpsTwice} over whole vectors of the processor, with the same bits: the JIT
 * of JDK 25 vectorises no loop over the floats of memory segments by itself. Each returns how many elements it has done; the rest, fewer than
 * a vector has, is for the flat loop. Only for f32 and bf16, and where {@link VectorUnit} says so.
 */
final class VectorLerps {
    private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = FLOATS.withLanes(int.class);
    private static final VectorSpecies<Short> SHORTS =
            VectorSpecies.of(short.class, VectorShape.forBitSize(FLOATS.vectorBitSize() / 2));
    private static final int LANES = FLOATS.length();

    private VectorLerps() {}

    static int one(MemorySegment mean, MemorySegment theta, Dtype dtype, int elements, float a) {
        return dtype == Dtype.F32 ? f32(mean, theta, elements, a) : bf16(mean, theta, elements, a);
    }

    /** Means k to k + 3. */
    static int four(MemorySegment[] means, int k, MemorySegment theta, Dtype dtype, int elements, float[] a) {
        return dtype == Dtype.F32 ? fourF32(means, k, theta, elements, a) : fourBf16(means, k, theta, elements, a);
    }

    static int twice(
            MemorySegment mean,
            MemorySegment first,
            MemorySegment second,
            Dtype dtype,
            int elements,
            float a,
            float b) {
        return dtype == Dtype.F32
                ? twiceF32(mean, first, second, elements, a, b)
                : twiceBf16(mean, first, second, elements, a, b);
    }

    /** Means k to k + 3. */
    static int fourTwice(
            MemorySegment[] means,
            int k,
            MemorySegment first,
            MemorySegment second,
            Dtype dtype,
            int elements,
            float[] a,
            float[] b) {
        return dtype == Dtype.F32
                ? fourTwiceF32(means, k, first, second, elements, a, b)
                : fourTwiceBf16(means, k, first, second, elements, a, b);
    }

    private static int f32(MemorySegment mean, MemorySegment theta, int elements, float a) {
        int done = FLOATS.loopBound(elements);
        for (int i = 0; i < done; i += LANES) {
            lerp(mean, i, floats(theta, i), a);
        }
        return done;
    }

    private static int fourF32(MemorySegment[] means, int k, MemorySegment theta, int elements, float[] a) {
        MemorySegment m0 = means[k];
        MemorySegment m1 = means[k + 1];
        MemorySegment m2 = means[k + 2];
        MemorySegment m3 = means[k + 3];
        float a0 = a[k];
        float a1 = a[k + 1];
        float a2 = a[k + 2];
        float a3 = a[k + 3];
        int done = FLOATS.loopBound(elements);
        for (int i = 0; i < done; i += LANES) {
            FloatVector x = floats(theta, i);
            lerp(m0, i, x, a0);
            lerp(m1, i, x, a1);
            lerp(m2, i, x, a2);
            lerp(m3, i, x, a3);
        }
        return done;
    }

    private static int twiceF32(
            MemorySegment mean, MemorySegment first, MemorySegment second, int elements, float a, float b) {
        int done = FLOATS.loopBound(elements);
        for (int i = 0; i < done; i += LANES) {
            lerps(mean, i, floats(first, i), floats(second, i), a, b);
        }
        return done;
    }

    private static int fourTwiceF32(
            MemorySegment[] means,
            int k,
            MemorySegment first,
            MemorySegment second,
            int elements,
            float[] a,
            float[] b) {
        MemorySegment m0 = means[k];
        MemorySegment m1 = means[k + 1];
        MemorySegment m2 = means[k + 2];
        MemorySegment m3 = means[k + 3];
        float a0 = a[k];
        float a1 = a[k + 1];
        float a2 = a[k + 2];
        float a3 = a[k + 3];
        float b0 = b[k];
        float b1 = b[k + 1];
        float b2 = b[k + 2];
        float b3 = b[k + 3];
        int done = FLOATS.loopBound(elements);
        for (int i = 0; i < done; i += LANES) {
            FloatVector x = floats(first, i);
            FloatVector y = floats(second, i);
            lerps(m0, i, x, y, a0, b0);
            lerps(m1, i, x, y, a1, b1);
            lerps(m2, i, x, y, a2, b2);
            lerps(m3, i, x, y, a3, b3);
        }
        return done;
    }

    private static int bf16(MemorySegment mean, MemorySegment theta, int elements, float a) {
        int done = FLOATS.loopBound(elements);
        for (int i = 0; i < done; i += LANES) {
            lerp(mean, i, bf16s(theta, i), a);
        }
        return done;
    }

    private static int fourBf16(MemorySegment[] means, int k, MemorySegment theta, int elements, float[] a) {
        MemorySegment m0 = means[k];
        MemorySegment m1 = means[k + 1];
        MemorySegment m2 = means[k + 2];
        MemorySegment m3 = means[k + 3];
        float a0 = a[k];
        float a1 = a[k + 1];
        float a2 = a[k + 2];
        float a3 = a[k + 3];
        int done = FLOATS.loopBound(elements);
        for (int i = 0; i < done; i += LANES) {
            FloatVector x = bf16s(theta, i);
            lerp(m0, i, x, a0);
            lerp(m1, i, x, a1);
            lerp(m2, i, x, a2);
            lerp(m3, i, x, a3);
        }
        return done;
    }

    private static int twiceBf16(
            MemorySegment mean, MemorySegment first, MemorySegment second, int elements, float a, float b) {
        int done = FLOATS.loopBound(elements);
        for (int i = 0; i < done; i += LANES) {
            lerps(mean, i, bf16s(first, i), bf16s(second, i), a, b);
        }
        return done;
    }

    private static int fourTwiceBf16(
            MemorySegment[] means,
            int k,
            MemorySegment first,
            MemorySegment second,
            int elements,
            float[] a,
            float[] b) {
        MemorySegment m0 = means[k];
        MemorySegment m1 = means[k + 1];
        MemorySegment m2 = means[k + 2];
        MemorySegment m3 = means[k + 3];
        float a0 = a[k];
        float a1 = a[k + 1];
        float a2 = a[k + 2];
        float a3 = a[k + 3];
        float b0 = b[k];
        float b1 = b[k + 1];
        float b2 = b[k + 2];
        float b3 = b[k + 3];
        int done = FLOATS.loopBound(elements);
        for (int i = 0; i < done; i += LANES) {
            FloatVector x = bf16s(first, i);
            FloatVector y = bf16s(second, i);
            lerps(m0, i, x, y, a0, b0);
            lerps(m1, i, x, y, a1, b1);
            lerps(m2, i, x, y, a2, b2);
            lerps(m3, i, x, y, a3, b3);
        }
        return done;
    }

    private static void lerp(MemorySegment mean, int i, FloatVector x, float a) {
        lerp(floats(mean, i), x, a).intoMemorySegment(mean, 4L * i, LITTLE);
    }

    private static void lerps(MemorySegment mean, int i, FloatVector x, FloatVector y, float a, float b) {
        lerp(lerp(floats(mean, i), x, a), y, b).intoMemorySegment(mean, 4L * i, LITTLE);
    }

    private static FloatVector lerp(FloatVector m, FloatVector x, float a) {
        return x.sub(m).fma(FloatVector.broadcast(FLOATS, a), m);
    }

    private static FloatVector floats(MemorySegment from, int i) {
        return FloatVector.fromMemorySegment(FLOATS, from, 4L * i, LITTLE);
    }

    private static FloatVector bf16s(MemorySegment from, int i) {
        IntVector bits = (IntVector) ShortVector.fromMemorySegment(SHORTS, from, 2L * i, LITTLE)
                .convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0);
        return bits.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
    }
}
