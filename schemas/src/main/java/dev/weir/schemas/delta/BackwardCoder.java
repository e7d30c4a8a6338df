package dev.weir.schemas.delta;

/**
 * Writes changes from the last to the first, to be read from the first to the last. Runs and magnitudes have a
 * state and words each, so that a processor advances them side by side; bits that are as good as random are kept apart.
 *
 * <p>The loops hold what they change in locals and are two, because one would have more of them than a processor has
 * registers; that is what their rate depends on.
 */
final class BackwardCoder {
    /** Bytes of plain bits of a change: 17 of its run, 29 of its size and a sign. */
    private static final int CHANGE_BYTES = 6;

    private static final int SYMBOL_BITS = 10;
    private static final int SYMBOL = (1 << SYMBOL_BITS) - 1;

    private final SymbolCodes codes = new SymbolCodes();
    private final int[] spanBits = new int[ExponentGroups.MOST];
    private final boolean[] still = new boolean[ExponentGroups.MOST];

    private byte[] bits = new byte[Long.BYTES];
    private int bitCount;
    /** Those of runs up to {@link #runWordsEnd}, those of magnitudes up to the end. */
    private short[] words = new short[2];

    private int runWordsEnd;

    /** Takes in the statistics of a group. */
    void model(int group, GroupModel model) {
        RunLengths runs = model.runs();
        still[group] = runs == null;
        if (runs != null) {
            spanBits[group] = runs.spanBits();
            codes.fill(group, runs, model.magnitudes());
        }
    }

    /**
     * Appends what changed in a chunk of that many elements and groups. Afterwards the moves hold symbols, and the tails how many
     * elements of each group stay before the first that changes.
     */
    void write(Changes changes, int groups, int chunkElements, PayloadWriter out) {
        begin(changes.count, chunkElements);
        keepBits(changes, groups);
        code(changes, groups, out);
        out.bytes(bits, 0, bitCount + 7 >>> 3);
    }

    private void begin(int changes, int chunkElements) {
        int runSymbols = changes + chunkElements / RunLengths.LONG + 2 * ExponentGroups.MOST;
        if (words.length < runSymbols + changes + 2) {
            words = new short[runSymbols + changes + 2];
        }
        runWordsEnd = words.length - changes - 1;
        int bytes = CHANGE_BYTES * (changes + ExponentGroups.MOST) + Long.BYTES;
        if (bits.length < bytes) {
            bits = new byte[bytes];
        }
    }

    /** Keeps the plain bits of all changes, and puts the symbols in the place of each move. */
    private void keepBits(Changes changes, int groups) {
        long[] moves = changes.moves;
        int[] runs = changes.runs;
        int[] behind = changes.tail;
        int[] plainBits = codes.plainBits;
        byte[] to = bits;
        int at = 0;
        long open = 0;
        int openCount = 0;
        for (int i = changes.count - 1; i >= 0; i--) {
            long move = moves[i];
            int index = Changes.index(move);
            int group = index >>> Changes.CLASS_BITS;
            int stay = behind[group];
            behind[group] = runs[i];
            int plain = plainBits[index];
            int runBits = SymbolCodes.runBits(plain);
            open |= (Changes.rest(move) << runBits | stay & (1 << runBits) - 1) << openCount;
            openCount += SymbolCodes.allBits(plain);
            Bits.LONG.set(to, at, open);
            at += openCount >>> 3;
            open >>>= openCount & ~7;
            openCount &= 7;
            int spans = stay >>> runBits;
            int more = spans < RunLengths.LONG ? 0 : spans / RunLengths.LONG;
            int symbol = SymbolCodes.ofRun(group, spans - more * RunLengths.LONG);
            moves[i] = (long) more << 2 * SYMBOL_BITS | symbol << SYMBOL_BITS | index;
        }
        for (int group = groups - 1; group >= 0; group--) {
            int runBits = spanBits[group];
            if (!still[group]) {
                open |= (long) (behind[group] & (1 << runBits) - 1) << openCount;
                openCount += runBits;
                Bits.LONG.set(to, at, open);
                at += openCount >>> 3;
                open >>>= openCount & ~7;
                openCount &= 7;
            }
        }
        Bits.LONG.set(to, at, open);
        bitCount = 8 * at + openCount;
    }

    /** Codes the symbols of all changes, and how many elements of each group stay before its first. */
    private void code(Changes changes, int groups, PayloadWriter out) {
        long[] moves = changes.moves;
        int[] table = codes.codes;
        long[] reciprocals = codes.reciprocals;
        short[] to = words;
        int runWord = runWordsEnd;
        int magnitudeWord = to.length;
        long runState = SymbolTable.LEAST;
        long magnitudeState = SymbolTable.LEAST;
        for (int i = changes.count - 1; i >= 0; i--) {
            int symbols = (int) moves[i];
            int index = symbols & SYMBOL;
            int code = table[index];
            int over = SymbolCodes.over(magnitudeState, code);
            to[magnitudeWord - 1] = (short) magnitudeState;
            magnitudeWord += over;
            magnitudeState = SymbolCodes.with(magnitudeState >>> (over & 16), code, reciprocals[index]);

            index = symbols >>> SYMBOL_BITS & SYMBOL;
            code = table[index];
            over = SymbolCodes.over(runState, code);
            to[runWord - 1] = (short) runState;
            runWord += over;
            runState = SymbolCodes.with(runState >>> (over & 16), code, reciprocals[index]);
            for (long more = moves[i] >>> 2 * SYMBOL_BITS; more > 0; more--) {
                index |= RunLengths.LONG;
                code = table[index];
                over = SymbolCodes.over(runState, code);
                to[runWord - 1] = (short) runState;
                runWord += over;
                runState = SymbolCodes.with(runState >>> (over & 16), code, reciprocals[index]);
            }
        }
        for (int group = groups - 1; group >= 0; group--) {
            int spans = changes.tail[group] >>> spanBits[group];
            int index = SymbolCodes.ofRun(group, spans % RunLengths.LONG);
            for (int more = still[group] ? -1 : spans / RunLengths.LONG; more >= 0; more--) {
                int over = SymbolCodes.over(runState, table[index]);
                to[runWord - 1] = (short) runState;
                runWord += over;
                runState = SymbolCodes.with(runState >>> (over & 16), table[index], reciprocals[index]);
                index |= RunLengths.LONG;
            }
        }
        out.varint(runWordsEnd - runWord);
        out.varint(to.length - magnitudeWord);
        out.varint(bitCount);
        out.i32((int) runState);
        out.i32((int) magnitudeState);
        write(runWord, runWordsEnd, out);
        write(magnitudeWord, to.length, out);
    }

    private void write(int firstWord, int end, PayloadWriter out) {
        int count = end - firstWord;
        byte[] array = out.room(2 * count);
        for (int i = 0; i < count; i++) {
            Bits.SHORT.set(array, out.size() + 2 * i, words[firstWord + i]);
        }
        out.advance(2 * count);
    }
}
