package dev.weir.schemas.delta;

/**
 * Writes symbols and bits from the last to the first, to be read from the first to the last. Runs and magnitudes have a
 * state and words each, so that a processor advances them side by side; bits that are as good as random are kept apart.
 */
final class BackwardCoder {
    final CoderState runs = new CoderState();
    final CoderState magnitudes = new CoderState();

    private byte[] bits = new byte[Long.BYTES];
    private int bitBytes;
    private long pending;
    private int pendingBits;

    /** Begins anew, with room for that many runs' symbols, magnitudes and bytes of bits. */
    void begin(int runSymbols, int magnitudeSymbols, int bytesOfBits) {
        runs.begin(runSymbols);
        magnitudes.begin(magnitudeSymbols);
        if (bits.length < bytesOfBits + Long.BYTES) {
            bits = new byte[bytesOfBits + Long.BYTES];
        }
        bitBytes = 0;
        pending = 0;
        pendingBits = 0;
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
        out.varint(runs.wordCount());
        out.varint(magnitudes.wordCount());
        out.varint(bitCount);
        out.i32(runs.state());
        out.i32(magnitudes.state());
        runs.writeWords(out);
        magnitudes.writeWords(out);
        out.bytes(bits, 0, bitCount + 7 >>> 3);
    }
}
