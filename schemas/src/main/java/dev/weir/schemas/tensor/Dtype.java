package dev.weir.schemas.tensor;

import java.util.Arrays;

/** Type of a tensor's elements, in the spelling of safetensors. Elements are little-endian. */
public enum Dtype {
    /** IEEE 754 binary64. */
    F64(8, true),
    /** IEEE 754 binary32. */
    F32(4, true),
    /** IEEE 754 binary16. */
    F16(2, true),
    /** The upper half of a binary32. */
    BF16(2, true),
    /** Eight bits, of which four are exponent; no infinities. */
    F8_E4M3(1, true),
    /** Eight bits, of which five are exponent. */
    F8_E5M2(1, true),
    /** Signed, 64 bits. */
    I64(8, false),
    /** Signed, 32 bits. */
    I32(4, false),
    /** Signed, 16 bits. */
    I16(2, false),
    /** Signed, 8 bits. */
    I8(1, false),
    /** Unsigned, 64 bits. */
    U64(8, false),
    /** Unsigned, 32 bits. */
    U32(4, false),
    /** Unsigned, 16 bits. */
    U16(2, false),
    /** Unsigned, 8 bits. */
    U8(1, false),
    /** One byte, 0 or 1. */
    BOOL(1, false);

    private final int bytes;
    private final boolean isFloat;

    Dtype(int bytes, boolean isFloat) {
        this.bytes = bytes;
        this.isFloat = isFloat;
    }

    /** Bytes of an element. */
    public int bytes() {
        return bytes;
    }

    /** Whether elements are floating-point numbers, which can be averaged. */
    public boolean isFloat() {
        return isFloat;
    }

    /** The spelling of safetensors. */
    public String label() {
        return name();
    }

    /**
     * The type of that label.
     *
     * @throws IllegalArgumentException if no type has it; the message lists those that are allowed
     */
    public static Dtype of(String label) {
        for (Dtype dtype : values()) {
            if (dtype.label().equals(label)) {
                return dtype;
            }
        }
        throw new IllegalArgumentException("dtype " + label + " is not one of " + Arrays.toString(values()));
    }
}
