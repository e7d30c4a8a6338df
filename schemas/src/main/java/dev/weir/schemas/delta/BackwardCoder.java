package dev.weir.schemas.delta;

/**
 * Writes symbols and bits from the last to the first; {@link ForwardDecoder} reads them from the first to the last.
 * Symbols go through range asymmetric numeral systems (Duda, arXiv 1311.2540, section 2 and its streaming form) with two
 * states, which a processor advances side by side: a state is at least 2^16 and below 2^32 and hands over 16 bits at a
 * time. Bits that are as good as random are kept apart, as they are.
 */
final class BackwardCoder {
    /** The least state, with which both begin. */
    static final int LEAST = 1 << 16;

    private short[] words = new short[0];
    private byte[] bits = new byte[0];
    private int firstWord;
    private int bitBytes;
    private long pending;
    private int pendingBits;
    private long first;
    private long second;

    /** Begins anew, with room for that many symbols and that many bytes of bits. */
    void begin(int symbols, int bytesOfBits) {
        if (words.length < symbols + 1) {
            words = new short[symbols + 1];
        }
        if (bits.length < bytesOfBits + Long.BYTES) {
            bits = new byte[bytesOfBits + Long.BYTES];
        }
        firstWord = words.length;
        bitBytes = 0;
        pending = 0;
        pendingBits = 0;
        first = LEAST;
        second = LEAST;
    }

    /**
     * Codes a run's symbol, in the first state.
     *
     * @param reciprocal of the frequency, by {@link #reciprocal}
     */
    void run(int start, int frequency, long reciprocal) {
        long x = handOver(first, frequency);
        long quotient = Math.multiplyHigh(x << 2, reciprocal);
        first = (quotient << Frequencies.BITS) + (x - quotient * frequency) + start;
    }

    /** Codes a magnitude's symbol, in the second state. */
    void magnitude(int start, int frequency, long reciprocal) {
        long x = handOver(second, frequency);
        long quotient = Math.multiplyHigh(x << 2, reciprocal);
        second = (quotient << Frequencies.BITS) + (x - quotient * frequency) + start;
    }

    private long handOver(long state, int frequency) {
        // -1 where 16 bits are to be handed over; a branch would be guessed wrongly too often.
        int over = (int) (((long) frequency << 32 - Frequencies.BITS) - 1 - state >> 63);
        words[firstWord - 1] = (short) state;
        firstWord += over;
        return state >>> (over & 16);
    }

    /**
     * Of a frequency above 0, 2^62 over it, rounded up: by it the high half of a product is an exact quotient, because the
     * error, times a state below 2^32, stays below 2^62.
     */
    static long reciprocal(int frequency) {
        return ((1L << 62) + frequency - 1) / frequency;
    }

    /** Keeps up to 56 bits; higher ones are 0. */
    void bits(long value, int count) {
        pending |= value << pendingBits;
        pendingBits += count;
        Bits.LONG.set(bits, bitBytes, pending);
        bitBytes += pendingBits >>> 3;
        pending >>>= pendingBits & ~7;
        pendingBits &= 7;
    }

    /** Appends everything. */
    void finish(PayloadWriter out) {
        Bits.LONG.set(bits, bitBytes, pending);
        int bitCount = 8 * bitBytes + pendingBits;
        int wordCount = words.length - firstWord;
        out.varint(wordCount);
        out.varint(bitCount);
        out.i32((int) first);
        out.i32((int) second);
        byte[] array = out.room(2 * wordCount);
        for (int i = 0; i < wordCount; i++) {
            Bits.SHORT.set(array, out.size() + 2 * i, words[firstWord + i]);
        }
        out.advance(2 * wordCount);
        out.bytes(bits, 0, bitCount + 7 >>> 3);
    }
}
