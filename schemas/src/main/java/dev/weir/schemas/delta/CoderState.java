package dev.weir.schemas.delta;

/**
 * Codes symbols from the last to the first by range asymmetric numeral systems (Duda, arXiv 1311.2540, section 2 and its
 * streaming form). The state is at least 2^16 and below 2^32 and hands over 16 bits at a time.
 */
final class CoderState {
    /** The least state, with which it begins. */
    static final int LEAST = 1 << 16;

    private short[] words = new short[1];
    private int firstWord;
    private long state = LEAST;

    /** Begins anew, with room for that many symbols. */
    void begin(int symbols) {
        if (words.length < symbols + 1) {
            words = new short[symbols + 1];
        }
        firstWord = words.length;
        state = LEAST;
    }

    /**
     * Codes a symbol that holds the numbers from start on, frequency many of {@link Frequencies#TOTAL}.
     *
     * @param reciprocal of the frequency, by {@link #reciprocal}
     */
    void code(int start, int frequency, long reciprocal) {
        // -1 where 16 bits are to be handed over; a branch would be guessed wrongly too often.
        int over = (int) (((long) frequency << 32 - Frequencies.BITS) - 1 - state >> 63);
        words[firstWord - 1] = (short) state;
        firstWord += over;
        long left = state >>> (over & 16);
        long quotient = Math.multiplyHigh(left << 2, reciprocal);
        state = (quotient << Frequencies.BITS) + (left - quotient * frequency) + start;
    }

    /**
     * Of a frequency above 0, 2^62 over it, rounded up: by it the high half of a product is an exact quotient, because the
     * error, times a state below 2^32, stays below 2^62.
     */
    static long reciprocal(int frequency) {
        return ((1L << 62) + frequency - 1) / frequency;
    }

    int wordCount() {
        return words.length - firstWord;
    }

    int state() {
        return (int) state;
    }

    void writeWords(PayloadWriter out) {
        int count = wordCount();
        byte[] array = out.room(2 * count);
        for (int i = 0; i < count; i++) {
            Bits.SHORT.set(array, out.size() + 2 * i, words[firstWord + i]);
        }
        out.advance(2 * count);
    }
}
