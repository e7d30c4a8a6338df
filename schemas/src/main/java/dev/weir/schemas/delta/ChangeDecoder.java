package dev.weir.schemas.delta;

import java.util.Arrays;

/**
 * Moves the elements that changed: sorts the places of a block's old elements by group, then reads, group after group,
 * how many stay and how far the next one moves.
 *
 * <p>The loops hold the whole state of the coder in locals and decide without branches wherever a branch would be guessed
 * wrongly too often; that is what their rate depends on.
 */
final class ChangeDecoder {
    private final int[] runTables = new int[ExponentGroups.MOST * Frequencies.TOTAL];
    private final int[] magnitudeTables = new int[ExponentGroups.MOST * Frequencies.TOTAL];
    private final int[] spanBits = new int[ExponentGroups.MOST];
    private final boolean[] still = new boolean[ExponentGroups.MOST];
    /** Elements of each group that stay before its next change. */
    private final int[] stay = new int[ExponentGroups.MOST];
    /** Of a block: of each group where its elements stand in the block. */
    private final byte[] places = new byte[ExponentGroups.MOST << 8];

    private PayloadReader in = PayloadReader.EMPTY;
    private byte[] bytes = in.array();
    private int groups;
    private int elements;
    private int runWordsEnd;
    private int magnitudeWordsEnd;
    private int bitsStart;
    private long runState;
    private long magnitudeState;
    private int runWord;
    private int magnitudeWord;
    private int bitsLeft;

    /** Moves what changed; out holds the old elements before. */
    void apply(ExponentField field, PayloadReader payload, byte[] base, byte[] out, int elementCount) {
        in = payload;
        bytes = in.array();
        elements = elementCount;
        int[] shifts = begin(field);
        for (int group = 0; group < groups; group++) {
            if (!still[group]) {
                firstRun(group);
            }
        }
        for (int from = 0; from < elements; from += ExponentGroups.BLOCK) {
            long counts = place(field, shifts, base, from, Math.min(ExponentGroups.BLOCK, elements - from));
            for (int group = 0; group < groups; group++) {
                int count = (int) (counts >>> 8 * group) & 0xff;
                if (stay[group] >= count) {
                    stay[group] -= count;
                } else {
                    move(field, group, count, base, out, from);
                }
            }
        }
        finish();
    }

    /** Sorts the places of a block by group; how many each has, a byte each. */
    private long place(ExponentField field, int[] shifts, byte[] base, int from, int size) {
        boolean narrow = field.width() == 2;
        int exponentShift = field.shift();
        int mask = field.mask();
        byte[] to = places;
        long counts = 0;
        for (int i = 0; i < size; i++) {
            int was = narrow ? (short) Bits.SHORT.get(base, 2 * (from + i)) : (int) Bits.INT.get(base, 4 * (from + i));
            int at = shifts[was >>> exponentShift & mask];
            to[at << 5 | (int) (counts >>> at) & 0xff] = (byte) i;
            counts += 1L << at;
        }
        return counts;
    }

    /** Moves what changed of a group in a block, in which it has so many elements. */
    private void move(ExponentField field, int group, int count, byte[] base, byte[] out, int from) {
        byte[] coded = bytes;
        int table = group << Frequencies.BITS;
        int runBits = spanBits[group];
        long ofRun = runState;
        long ofMagnitude = magnitudeState;
        int nextRunWord = runWord;
        int nextMagnitudeWord = magnitudeWord;
        int left = bitsLeft;
        int rank = stay[group];
        while (rank < count) {
            int entry = magnitudeTables[table | (int) ofMagnitude & SymbolTable.MASK];
            ofMagnitude = SymbolTable.advanced(ofMagnitude, entry);
            int below = SymbolTable.below(ofMagnitude);
            int taken = (short) Bits.SHORT.get(coded, nextMagnitudeWord) & 0xffff & below;
            ofMagnitude = ofMagnitude << (below & 16) | taken;
            nextMagnitudeWord -= 2 * below;
            int magnitude = entry >>> SymbolTable.SYMBOL_SHIFT;
            int openBits = Magnitudes.openBits(magnitude);
            int element = from + (places[group << 8 | rank] & 0xff);
            int run = 0;
            int symbol;
            do {
                entry = runTables[table | (int) ofRun & SymbolTable.MASK];
                ofRun = SymbolTable.advanced(ofRun, entry);
                below = SymbolTable.below(ofRun);
                ofRun = ofRun << (below & 16) | (short) Bits.SHORT.get(coded, nextRunWord) & 0xffff & below;
                nextRunWord -= 2 * below;
                symbol = entry >>> SymbolTable.SYMBOL_SHIFT;
                run += symbol;
                if (nextRunWord > runWordsEnd || nextMagnitudeWord > magnitudeWordsEnd || run > elements) {
                    throw in.problem("a run exceeds the chunk, which has " + elements
                            + " elements, or the coded symbols end before it");
                }
            } while (symbol == RunLengths.LONG);
            left -= openBits + 1 + runBits;
            if (left < 0) {
                throw in.problem("the plain bits end before the chunk");
            }
            // The run's bits lie below those of the magnitude, which were written later.
            long window = (long) Bits.LONG.get(coded, bitsStart + (left >>> 3)) >>> (left & 7);
            int rest = (int) (window >>> runBits) & (2 << openBits) - 1;
            int was = field.get(base, element);
            field.put(out, element, field.moved(was, Magnitudes.difference(magnitude, rest)));
            rank = (int)
                    Math.min(rank + 1L + ((long) run << runBits) + (window & (1L << runBits) - 1), Integer.MAX_VALUE);
        }
        stay[group] = rank - count;
        runState = ofRun;
        magnitudeState = ofMagnitude;
        runWord = nextRunWord;
        magnitudeWord = nextMagnitudeWord;
        bitsLeft = left;
    }

    /** Reads how many elements of a group stay before its first change. */
    private void firstRun(int group) {
        int run = 0;
        int symbol;
        do {
            int entry = runTables[group << Frequencies.BITS | (int) runState & SymbolTable.MASK];
            runState = SymbolTable.advanced(runState, entry);
            int below = SymbolTable.below(runState);
            runState = runState << (below & 16) | (short) Bits.SHORT.get(bytes, runWord) & 0xffff & below;
            runWord -= 2 * below;
            symbol = entry >>> SymbolTable.SYMBOL_SHIFT;
            run += symbol;
            if (runWord > runWordsEnd || run > elements) {
                throw in.problem("the first run of group " + group + " exceeds the chunk, which has " + elements
                        + " elements, or the coded symbols end before it");
            }
        } while (symbol == RunLengths.LONG);
        bitsLeft -= spanBits[group];
        if (bitsLeft < 0) {
            throw in.problem("the plain bits end before the first element");
        }
        long window = (long) Bits.LONG.get(bytes, bitsStart + (bitsLeft >>> 3)) >>> (bitsLeft & 7);
        stay[group] = (int)
                Math.min(((long) run << spanBits[group]) + (window & (1L << spanBits[group]) - 1), Integer.MAX_VALUE);
    }

    /** Reads the statistics of all groups, and where the coded parts lie; which counter an exponent has. */
    private int[] begin(ExponentField field) {
        ExponentGroups read = ExponentGroups.read(in);
        groups = read.starts().length;
        Arrays.fill(stay, Integer.MAX_VALUE);
        for (int group = 0; group < groups; group++) {
            GroupModel model = GroupModel.read(Magnitudes.classes(field.width()), in);
            RunLengths runs = model.runs();
            still[group] = runs == null;
            if (runs != null) {
                spanBits[group] = runs.spanBits();
                SymbolTable.fill(runTables, group << Frequencies.BITS, runs.frequencies());
                SymbolTable.fill(magnitudeTables, group << Frequencies.BITS, model.magnitudes());
            }
        }
        int runWords = in.varint("count of words of runs", in.end() / 2);
        int magnitudeWords = in.varint("count of words of magnitudes", in.end() / 2);
        bitsLeft = in.varint("count of bits", (int) Math.min(8L * in.end(), Integer.MAX_VALUE - Long.SIZE));
        runState = in.i32("state of runs") & 0xffffffffL;
        magnitudeState = in.i32("state of magnitudes") & 0xffffffffL;
        runWord = in.skip(2 * runWords, "words of runs");
        runWordsEnd = in.position();
        magnitudeWord = in.skip(2 * magnitudeWords, "words of magnitudes");
        magnitudeWordsEnd = in.position();
        bitsStart = in.skip(bitsLeft + 7 >>> 3, "bits");
        in.finish();
        return read.shifts();
    }

    /** Checks that nothing is left. */
    private void finish() {
        for (int group = 0; group < groups; group++) {
            if (!still[group] && stay[group] != 0) {
                throw in.problem("a run goes on behind the last element");
            }
        }
        if (runState != SymbolTable.LEAST
                || magnitudeState != SymbolTable.LEAST
                || runWord != runWordsEnd
                || magnitudeWord != magnitudeWordsEnd
                || bitsLeft != 0) {
            throw in.problem("coded symbols are left behind the last element");
        }
    }
}
