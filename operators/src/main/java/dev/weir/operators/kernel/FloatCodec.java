package dev.weir.operators.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.weir.schemas.tensor.Dtype;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Float dtypes of at most four bytes, to and from f32. Decoding is exact; encoding rounds to nearest even. F8_E4M3 is
 * the finite-only form (no infinities, largest value 448, overflow becomes NaN); F8_E5M2 follows IEEE 754.
 */
final class FloatCodec {
    private static final ValueLayout.OfFloat F32 = JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort I16 = JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final float[] E4M3 = table(4, 3, false);
    private static final float[] E5M2 = table(5, 2, true);

    private FloatCodec() {}

    static void decode(MemorySegment from, Dtype dtype, int first, int count, float[] to) {
        switch (dtype) {
            case F32 -> MemorySegment.copy(from, F32, 4L * first, to, 0, count);
            case BF16 -> {
                for (int i = 0; i < count; i++) {
                    to[i] = Float.intBitsToFloat(from.getAtIndex(I16, first + i) << 16);
                }
            }
            case F16 -> {
                for (int i = 0; i < count; i++) {
                    to[i] = Float.float16ToFloat(from.getAtIndex(I16, first + i));
                }
            }
            case F8_E4M3, F8_E5M2 -> {
                float[] table = dtype == Dtype.F8_E4M3 ? E4M3 : E5M2;
                for (int i = 0; i < count; i++) {
                    to[i] = table[from.get(JAVA_BYTE, first + i) & 0xff];
                }
            }
            default -> throw new IllegalArgumentException("dtype " + dtype + ": not a float of at most four bytes");
        }
    }

    static void encode(float[] from, int count, Dtype dtype, MemorySegment to, int first) {
        switch (dtype) {
            case F32 -> MemorySegment.copy(from, 0, to, F32, 4L * first, count);
            case BF16 -> {
                for (int i = 0; i < count; i++) {
                    to.setAtIndex(I16, first + i, bf16(from[i]));
                }
            }
            case F16 -> {
                for (int i = 0; i < count; i++) {
                    to.setAtIndex(I16, first + i, Float.floatToFloat16(from[i]));
                }
            }
            case F8_E4M3, F8_E5M2 -> {
                float[] table = dtype == Dtype.F8_E4M3 ? E4M3 : E5M2;
                for (int i = 0; i < count; i++) {
                    to.set(JAVA_BYTE, first + i, f8(from[i], table));
                }
            }
            default -> throw new IllegalArgumentException("dtype " + dtype + ": not a float of at most four bytes");
        }
    }

    static short bf16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) ((bits >>> 16) | 0x40);
        }
        return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
    }

    /** The nearest entry; a tie goes to the even code. Codes 0..127 ascend with their values up to the first NaN or infinity. */
    private static byte f8(float value, float[] table) {
        int sign = Float.floatToRawIntBits(value) >>> 24 & 0x80;
        float magnitude = Math.abs(value);
        if (Float.isNaN(magnitude)) {
            return (byte) (sign | 0x7f);
        }
        int low = 0;
        int high = 127;
        while (!Float.isFinite(table[high])) {
            high--;
        }
        int largest = high;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (table[middle] <= magnitude) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        double next = low < largest ? table[low + 1] : 2.0 * table[largest] - table[largest - 1];
        double below = (double) magnitude - table[low];
        double above = next - magnitude;
        int code = below < above || (below == above && (low & 1) == 0) ? low : low + 1;
        return (byte) (sign | code);
    }

    private static float[] table(int exponentBits, int mantissaBits, boolean ieee) {
        float[] values = new float[256];
        int bias = (1 << (exponentBits - 1)) - 1;
        int top = (1 << exponentBits) - 1;
        for (int code = 0; code < 256; code++) {
            int exponent = code >> mantissaBits & top;
            int mantissa = code & ((1 << mantissaBits) - 1);
            double fraction = mantissa / (double) (1 << mantissaBits);
            double magnitude = exponent == 0
                    ? fraction * Math.scalb(1.0, 1 - bias)
                    : (1 + fraction) * Math.scalb(1.0, exponent - bias);
            if (exponent == top && ieee) {
                magnitude = mantissa == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
            } else if (exponent == top && mantissa == (1 << mantissaBits) - 1) {
                magnitude = Double.NaN;
            }
            values[code] = (float) (code < 128 ? magnitude : -magnitude);
        }
        return values;
    }
}
