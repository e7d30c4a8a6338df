package dev.weir.schemas.delta;

import dev.weir.schemas.tensor.Dtype;

/**
 * Where the exponent stands in the bits of a floating-point type that the entropy coder knows.
 *
 * @param width bytes of an element, 2 or 4
 * @param shift bits below the exponent
 * @param mask its bits, moved down; 8 bits at most
 */
record ExponentField(int width, int shift, int mask) {
    /** Exponents at most, over all types. */
    static final int EXPONENTS = 256;

    static ExponentField of(Dtype dtype) {
        return switch (dtype) {
            case BF16 -> new ExponentField(2, 7, 0xff);
            case F16 -> new ExponentField(2, 10, 0x1f);
            case F32 -> new ExponentField(4, 23, 0xff);
            default -> throw new IllegalArgumentException(dtype + " has no entropy coder; bf16, f16 and f32 have");
        };
    }

    /** Whether the type is one of them. */
    static boolean in(Dtype dtype) {
        return dtype == Dtype.BF16 || dtype == Dtype.F16 || dtype == Dtype.F32;
    }

    /** The element of that index, sign-extended. */
    int get(byte[] bytes, int index) {
        return width == 2 ? (short) Bits.SHORT.get(bytes, 2 * index) : (int) Bits.INT.get(bytes, 4 * index);
    }

    void put(byte[] bytes, int index, int value) {
        if (width == 2) {
            Bits.SHORT.set(bytes, 2 * index, (short) value);
        } else {
            Bits.INT.set(bytes, 4 * index, value);
        }
    }

    int exponent(int bits) {
        return bits >>> shift & mask;
    }

    /** New minus old as ordered integers, modulo the width. */
    int difference(int was, int is) {
        int difference = ordered(is) - ordered(was);
        return width == 2 ? (short) difference : difference;
    }

    /** The bits that lie that far above the old ones. */
    int moved(int was, int difference) {
        int is = ordered(was) + difference;
        return ordered(width == 2 ? (short) is : is);
    }

    private int ordered(int bits) {
        return bits ^ bits >> 31 & (width == 2 ? 0x7fff : 0x7fffffff);
    }
}
