package dev.weir.schemas.delta;

/** Of each number below {@link Frequencies#TOTAL}: whose symbol it is, that symbol's frequency and the place in it. */
final class SymbolTable {
    /** The least state, with which a coder begins and a decoder ends. */
    static final int LEAST = 1 << 16;

    static final int MASK = Frequencies.TOTAL - 1;
    static final int SYMBOL_SHIFT = 2 * Frequencies.BITS + 1;

    private static final int FREQUENCY_MASK = (1 << Frequencies.BITS + 1) - 1;

    private SymbolTable() {}

    /** Fills a table from an offset on. */
    static void fill(int[] table, int offset, int[] frequencies) {
        int at = offset;
        for (int symbol = 0; symbol < frequencies.length; symbol++) {
            int head = symbol << SYMBOL_SHIFT | frequencies[symbol] << Frequencies.BITS;
            for (int i = 0; i < frequencies[symbol]; i++) {
                table[at++] = head | i;
            }
        }
    }

    /** The state behind the symbol of an entry; to be filled up if {@link #below}. */
    static long advanced(long state, int entry) {
        return (entry >>> Frequencies.BITS & FREQUENCY_MASK) * (state >>> Frequencies.BITS) + (entry & MASK);
    }

    /** -1 where a state has to take in 16 bits, else 0. */
    static int below(long state) {
        return (int) (state - LEAST >> 63);
    }
}
