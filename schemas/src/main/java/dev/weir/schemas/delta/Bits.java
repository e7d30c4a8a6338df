package dev.weir.schemas.delta;

import dev.weir.schemas.tensor.Dtype;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Elements as integers. Floating-point numbers are sign and magnitude; with the magnitude of negative ones inverted they
 * become two's complement integers in the same order, so that neighbouring numbers differ by 1. The map is its own
 * inverse and loses nothing, whatever the bits mean.
 */
final class Bits {
    static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private Bits() {}

    /** The element whose first byte that is, sign-extended. */
    static long get(byte[] bytes, int at, int width) {
        return switch (width) {
            case 1 -> bytes[at];
            case 2 -> (short) SHORT.get(bytes, at);
            case 4 -> (int) INT.get(bytes, at);
            default -> (long) LONG.get(bytes, at);
        };
    }

    static void put(byte[] bytes, int at, int width, long value) {
        switch (width) {
            case 1 -> bytes[at] = (byte) value;
            case 2 -> SHORT.set(bytes, at, (short) value);
            case 4 -> INT.set(bytes, at, (int) value);
            default -> LONG.set(bytes, at, value);
        }
    }

    /** What is inverted in negative numbers: all but the sign of floating-point ones, nothing of integers. */
    static long magnitude(Dtype dtype) {
        return dtype.isFloat() ? -1L >>> (65 - 8 * dtype.bytes()) : 0;
    }

    /** To ordered integers and back. */
    static long ordered(long bits, long magnitude) {
        return bits ^ (bits >> 63 & magnitude);
    }

    /** Small differences of either sign as small numbers without one: 0, -1, 1, -2 ... */
    static long zigzag(long difference) {
        return difference << 1 ^ difference >> 63;
    }

    static long unzigzag(long folded) {
        return folded >>> 1 ^ -(folded & 1);
    }

    /** The lowest bytes of a number, sign-extended: difference modulo the width. */
    static long wrap(long value, int width) {
        int shift = 64 - 8 * width;
        return value << shift >> shift;
    }
}
