package dev.weir.operators.kernel;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.weir.schemas.tensor.Dtype;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Four means in one loop over theta: nine streams of memory at once keep more loads in flight than three, so that one core
 * gets more of the memory's bandwidth than by a loop for each mean, even where theta stays in a cache between these.
 */
final class FourLerps {
    private static final ValueLayout.OfFloat F32 = JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort I16 = JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private FourLerps() {}

    /** Means first to first + 3. */
    static void f32(MemorySegment[] means, int first, MemorySegment theta, int elements, float[] a) {
        MemorySegment m0 = means[first];
        MemorySegment m1 = means[first + 1];
        MemorySegment m2 = means[first + 2];
        MemorySegment m3 = means[first + 3];
        float a0 = a[first];
        float a1 = a[first + 1];
        float a2 = a[first + 2];
        float a3 = a[first + 3];
        int done = VectorUnit.ready(elements) ? VectorLerps.four(means, first, theta, Dtype.F32, elements, a) : 0;
        for (int i = done; i < elements; i++) {
            float x = theta.getAtIndex(F32, i);
            lerp(m0, i, x, a0);
            lerp(m1, i, x, a1);
            lerp(m2, i, x, a2);
            lerp(m3, i, x, a3);
        }
    }

    /** Means first to first + 3. */
    static void bf16(MemorySegment[] means, int first, MemorySegment theta, int elements, float[] a) {
        MemorySegment m0 = means[first];
        MemorySegment m1 = means[first + 1];
        MemorySegment m2 = means[first + 2];
        MemorySegment m3 = means[first + 3];
        float a0 = a[first];
        float a1 = a[first + 1];
        float a2 = a[first + 2];
        float a3 = a[first + 3];
        int done = VectorUnit.ready(elements) ? VectorLerps.four(means, first, theta, Dtype.BF16, elements, a) : 0;
        for (int i = done; i < elements; i++) {
            float x = Float.intBitsToFloat(theta.getAtIndex(I16, i) << 16);
            lerp(m0, i, x, a0);
            lerp(m1, i, x, a1);
            lerp(m2, i, x, a2);
            lerp(m3, i, x, a3);
        }
    }

    private static void lerp(MemorySegment mean, int i, float x, float a) {
        float m = mean.getAtIndex(F32, i);
        mean.setAtIndex(F32, i, Math.fma(a, x - m, m));
    }
}
