package dev.weir.schemas.delta;

import java.util.Arrays;

/** One bit an element, set if it changed; the first element's bit is the lowest of the first byte. */
final class ChangeMarks {
    private static final int BLOCK = 8;
    private static final long LOW = 0x7fff7fff7fff7fffL;

    private byte[] bits = new byte[0];

    /** The bits, of which 64 can be read from any byte on; what is behind the last element is 0. */
    byte[] bits() {
        return bits;
    }

    /** Makes room for the bits of that many elements, and clears what is behind them. */
    void reserve(int elements) {
        int size = (elements + 63) / 64 * 8 + Long.BYTES;
        if (bits.length < size) {
            bits = new byte[size];
        }
        Arrays.fill(bits, elements / 8, size, (byte) 0);
    }

    /** Compares all elements of that many bytes. */
    void mark(int width, byte[] base, byte[] bytes, int elements) {
        reserve(elements);
        int whole = width == 2 ? elements / BLOCK * BLOCK : 0;
        for (int from = 0; from < whole; from += BLOCK) {
            int low = nonZero16((long) Bits.LONG.get(base, 2 * from) ^ (long) Bits.LONG.get(bytes, 2 * from));
            int high = nonZero16((long) Bits.LONG.get(base, 2 * from + 8) ^ (long) Bits.LONG.get(bytes, 2 * from + 8));
            bits[from / BLOCK] = (byte) (low | high << 4);
        }
        for (int from = whole; from < elements; from += BLOCK) {
            int block = 0;
            for (int i = from; i < Math.min(from + BLOCK, elements); i++) {
                boolean differs = Bits.get(base, width * i, width) != Bits.get(bytes, width * i, width);
                block |= differs ? 1 << i - from : 0;
            }
            bits[from / BLOCK] = (byte) block;
        }
    }

    /** How many of that many elements are marked. */
    int count(int elements) {
        int count = 0;
        for (int at = 0; at < elements; at += 64) {
            count += Long.bitCount((long) Bits.LONG.get(bits, at / 8));
        }
        return count;
    }

    /** One bit for each of the four elements of two bytes that is not 0, the lowest first. */
    private static int nonZero16(long elements) {
        long tops = ((elements & LOW) + LOW | elements) & ~LOW;
        // Moves bits 15, 31, 47 and 63 beside each other at the top.
        return (int) ((tops >>> 15) * 0x1000200040008000L >>> 60);
    }
}
