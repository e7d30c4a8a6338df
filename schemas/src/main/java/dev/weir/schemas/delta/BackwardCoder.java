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
    private int bitCount;
    private long pending;
    private int pendingBits;
    private final long[] states = new long[2];

    /** Begins anew, with room for that many symbols and that many bytes of bits. */
    void begin(int symbols, int bitBytes) {
        if (words.length < symbols) {
            words = new short[symbols];
        }
        if (bits.length < bitBytes + Long.BYTES) {
            bits = new byte[bitBytes + Long.BYTES];
        }
        firstWord = words.length;
        bitCount = 0;
        pending = 0;
        pendingBits = 0;
        states[0] = LEAST;
        states[1] = LEAST;
    }

    /** Codes a symbol that holds the numbers from start on, frequency many of {@link Frequencies#TOTAL}. */
    void symbol(int state, int start, int frequency) {
        long x = states[state];
        if (x >= (long) frequency << 32 - Frequencies.BITS) {
            words[--firstWord] = (short) x;
            x >>>= 16;
        }
        // Exact: quotients below 2^32 are further from the next whole number than a double's precision.
        long quotient = (long) ((double) x / frequency);
        states[state] = (quotient << Frequencies.BITS) + (x - quotient * frequency) + start;
    }

    /** Keeps up to 31 bits; higher ones are 0. */
    void bits(int value, int count) {
        pending |= (long) value << pendingBits;
        pendingBits += count;
        if (pendingBits >= 32) {
            Bits.INT.set(bits, bitCount >>> 3, (int) pending);
            bitCount += 32;
            pending >>>= 32;
            pendingBits -= 32;
        }
    }

    /** Appends everything. */
    void finish(PayloadWriter out) {
        Bits.LONG.set(bits, bitCount >>> 3, pending);
        bitCount += pendingBits;
        int wordCount = words.length - firstWord;
        out.varint(wordCount);
        out.varint(bitCount);
        out.i32((int) states[0]);
        out.i32((int) states[1]);
        byte[] array = out.room(2 * wordCount);
        for (int i = 0; i < wordCount; i++) {
            Bits.SHORT.set(array, out.size() + 2 * i, words[firstWord + i]);
        }
        out.advance(2 * wordCount);
        out.bytes(bits, 0, bitCount + 7 >>> 3);
    }
}
