package dev.weir.schemas.delta;

/** Reads what {@link BackwardCoder} wrote. Tables hold, for each of the numbers, symbol, frequency and place in it. */
final class ForwardDecoder {
    private static final int MASK = Frequencies.TOTAL - 1;
    private static final int FREQUENCY_SHIFT = Frequencies.BITS;
    private static final int SYMBOL_SHIFT = 2 * Frequencies.BITS + 1;
    private static final int FREQUENCY_MASK = (1 << Frequencies.BITS + 1) - 1;

    private PayloadReader in = PayloadReader.EMPTY;
    private byte[] bytes = in.array();
    private int wordsEnd;
    private int bitsStart;
    private int word;
    private int bitsLeft;
    private long first;
    private long second;

    /** Takes the rest of a payload. */
    void begin(PayloadReader payload) {
        in = payload;
        int wordCount = in.varint("count of words", in.end() / 2);
        bitsLeft = in.varint("count of bits", Math.multiplyExact(8, Math.min(in.end(), 1 << 27)));
        first = in.i32("first state") & 0xffffffffL;
        second = in.i32("second state") & 0xffffffffL;
        word = in.skip(2 * wordCount, "words");
        wordsEnd = in.position();
        bitsStart = in.skip(bitsLeft + 7 >>> 3, "bits");
        bytes = in.array();
        in.finish();
    }

    /** Fills that table, {@link Frequencies#TOTAL} long, from an offset on. */
    static void fill(int[] table, int offset, int[] frequencies) {
        int at = offset;
        for (int symbol = 0; symbol < frequencies.length; symbol++) {
            int head = symbol << SYMBOL_SHIFT | frequencies[symbol] << FREQUENCY_SHIFT;
            for (int i = 0; i < frequencies[symbol]; i++) {
                table[at++] = head | i;
            }
        }
    }

    /** The next symbol of the first state. */
    int first(int[] table, int offset) {
        int entry = table[offset + (int) (first & MASK)];
        first = advanced(first, entry);
        return entry >>> SYMBOL_SHIFT;
    }

    /** The next symbol of the second state. */
    int second(int[] table, int offset) {
        int entry = table[offset + (int) (second & MASK)];
        second = advanced(second, entry);
        return entry >>> SYMBOL_SHIFT;
    }

    private long advanced(long state, int entry) {
        long next = (entry >>> FREQUENCY_SHIFT & FREQUENCY_MASK) * (state >>> Frequencies.BITS) + (entry & MASK);
        if (next < BackwardCoder.LEAST) {
            if (word == wordsEnd) {
                throw in.problem("the coded symbols end before the chunk");
            }
            next = next << 16 | (short) Bits.SHORT.get(bytes, word) & 0xffff;
            word += 2;
        }
        return next;
    }

    /** The next bits, up to 31. */
    int bits(int count) {
        bitsLeft -= count;
        if (bitsLeft < 0) {
            throw in.problem("the plain bits end before the chunk");
        }
        long window = (long) Bits.LONG.get(bytes, bitsStart + (bitsLeft >>> 3));
        return (int) (window >>> (bitsLeft & 7)) & (1 << count) - 1;
    }

    /** Checks that nothing is left. */
    void finish() {
        if (first != BackwardCoder.LEAST || second != BackwardCoder.LEAST || word != wordsEnd || bitsLeft != 0) {
            throw in.problem("coded symbols are left behind the last element");
        }
    }
}
