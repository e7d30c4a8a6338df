package dev.weir.schemas.delta;

/**
 * How symbols are coded, from the last to the first, by range asymmetric numeral systems (Duda, arXiv 1311.2540, section 2
 * and its streaming form). A state is at least 2^16 and below 2^32 and hands over 16 bits at a time.
 *
 * <p>Symbols of all groups stand in one table: the fewer arrays a loop has, the more of them a processor has at hand.
 */
final class SymbolCodes {
    private static final int FREQUENCY = (1 << Short.SIZE) - 1;
    private static final int ALL_BITS_SHIFT = 8;
    private static final int RUN_BITS = (1 << ALL_BITS_SHIFT) - 1;
    private static final int MAGNITUDES = ExponentGroups.MOST << Changes.CLASS_BITS;
    private static final int RUN_SYMBOL_BITS = 4;
    private static final int SYMBOLS = MAGNITUDES + (ExponentGroups.MOST << RUN_SYMBOL_BITS);

    /** Of each symbol where it starts among {@link Frequencies#TOTAL} numbers and, in the lower half, how many it has. */
    final int[] codes = new int[SYMBOLS];

    /**
     * Of each frequency 2^62 over it, rounded up: by it the high half of a product is an exact quotient, because the
     * error, times a state below 2^32, stays below 2^62.
     */
    final long[] reciprocals = new long[SYMBOLS];

    /** Of each class of magnitude how many bits of a change are kept as they are: those of its run and, above, all of them. */
    final int[] plainBits = new int[MAGNITUDES];

    /** Takes in the statistics of a group in which something changed. */
    void fill(int group, RunLengths runs, int[] magnitudes) {
        fill(ofRun(group, 0), runs.frequencies());
        int first = group << Changes.CLASS_BITS;
        fill(first, magnitudes);
        for (int i = 0; i < magnitudes.length; i++) {
            plainBits[first + i] = Magnitudes.openBits(i) + 1 + runs.spanBits() << ALL_BITS_SHIFT | runs.spanBits();
        }
    }

    private void fill(int first, int[] frequencies) {
        int start = 0;
        for (int i = 0; i < frequencies.length; i++) {
            int frequency = frequencies[i];
            codes[first + i] = start << Short.SIZE | frequency;
            reciprocals[first + i] = frequency == 0 ? 0 : ((1L << 62) + frequency - 1) / frequency;
            start += frequency;
        }
    }

    /** Where a symbol of a run stands; classes of magnitude stand where {@link Changes#index} says. */
    static int ofRun(int group, int symbol) {
        return MAGNITUDES + (group << RUN_SYMBOL_BITS | symbol);
    }

    static int runBits(int plainBits) {
        return plainBits & RUN_BITS;
    }

    static int allBits(int plainBits) {
        return plainBits >>> ALL_BITS_SHIFT;
    }

    /** -1 where a state has to hand over 16 bits before it takes in the symbol of that code, else 0. */
    static int over(long state, int code) {
        return (int) (((long) (code & FREQUENCY) << 32 - Frequencies.BITS) - 1 - state >> 63);
    }

    /** The state with that symbol, from what is left of it when it has handed over what it had to. */
    static long with(long left, int code, long reciprocal) {
        long quotient = Math.multiplyHigh(left << 2, reciprocal);
        return left + (code >>> Short.SIZE) + quotient * (Frequencies.TOTAL - (code & FREQUENCY));
    }
}
