package dev.weir.schemas.delta;

import java.util.Arrays;

/**
 * Walks over the old elements and moves those that changed. The elements of each group that are still to stay are
 * counted down in one byte each of a single long: the highest bit of a byte is set until its count falls below 0, so that
 * one comparison asks all groups at once. What does not fit in seven bits waits beside.
 */
final class ChangeDecoder {
    private static final long ALL_STAY = 0x8080808080808080L;
    private static final int COUNT_MASK = 0xff;
    private static final int STAYS = 0x80;
    private static final int MOST = 0x7f;

    private final int[] runTables = new int[ExponentGroups.MOST * Frequencies.TOTAL];
    private final int[] magnitudeTables = new int[ExponentGroups.MOST * Frequencies.TOTAL];
    private final int[] spanBits = new int[ExponentGroups.MOST];
    private final boolean[] still = new boolean[ExponentGroups.MOST];
    /** Elements of each group that stay, beside those that its byte counts. */
    private final int[] waiting = new int[ExponentGroups.MOST];

    private ExponentField field = new ExponentField(2, 0, 0);
    private long[] counters = new long[ExponentField.EXPONENTS];
    private PayloadReader in = PayloadReader.EMPTY;
    private final ForwardDecoder symbols = new ForwardDecoder();

    /** Reads the statistics of all groups. */
    void begin(ExponentField ofField, ExponentGroups groups, PayloadReader payload) {
        field = ofField;
        in = payload;
        counters = groups.counters();
        Arrays.fill(still, true);
        for (int group = 0; group < groups.starts().length; group++) {
            GroupModel model = GroupModel.read(Magnitudes.classes(field.width()), in);
            RunLengths runs = model.runs();
            if (runs != null) {
                still[group] = false;
                spanBits[group] = runs.spanBits();
                ForwardDecoder.fill(runTables, group * Frequencies.TOTAL, runs.frequencies());
                ForwardDecoder.fill(magnitudeTables, group * Frequencies.TOTAL, model.magnitudes());
            }
        }
        symbols.begin(in);
    }

    /** Moves what changed; out holds the old elements before. */
    void apply(byte[] base, byte[] out, int elements) {
        ExponentField ofField = field;
        long[] one = counters;
        long counts = 0;
        for (int group = 0; group < ExponentGroups.MOST; group++) {
            counts |= (long) next(group, elements) << 8 * group;
        }
        for (int i = 0; i < elements; i++) {
            int was = ofField.get(base, i);
            long counter = one[ofField.exponent(was)];
            counts -= counter;
            if ((counts & ALL_STAY) != ALL_STAY) {
                int at = Long.numberOfTrailingZeros(counter);
                int group = at >>> 3;
                int count;
                if (waiting[group] == 0) {
                    ofField.put(out, i, ofField.moved(was, difference(group)));
                    count = next(group, elements);
                } else {
                    int moved = Math.min(waiting[group], MOST + 1);
                    waiting[group] -= moved;
                    count = STAYS + moved - 1;
                }
                counts = counts & ~((long) COUNT_MASK << at) | (long) count << at;
            }
        }
        finish(counts);
    }

    /** Reads the next run of a group; the byte that counts its first elements. */
    private int next(int group, int elements) {
        if (still[group]) {
            waiting[group] = Integer.MAX_VALUE;
            return STAYS;
        }
        int table = group * Frequencies.TOTAL;
        long spans = 0;
        int symbol = symbols.first(runTables, table);
        for (; symbol == RunLengths.LONG; symbol = symbols.first(runTables, table)) {
            spans += RunLengths.LONG;
            if (spans > elements) {
                throw in.problem("a run exceeds the chunk, which has " + elements + " elements");
            }
        }
        long run = (spans + symbol << spanBits[group]) + symbols.bits(spanBits[group]);
        if (run > elements) {
            throw in.problem("a run of " + run + " exceeds the chunk, which has " + elements + " elements");
        }
        int counted = (int) Math.min(run, MOST);
        waiting[group] = (int) run - counted;
        return STAYS + counted;
    }

    private int difference(int group) {
        int magnitude = symbols.second(magnitudeTables, group * Frequencies.TOTAL);
        int openBits = Magnitudes.openBits(magnitude);
        return Magnitudes.difference(magnitude, openBits, symbols.bits(openBits + 1));
    }

    private void finish(long counts) {
        for (int group = 0; group < ExponentGroups.MOST; group++) {
            if (!still[group] && (waiting[group] != 0 || (counts >>> 8 * group & COUNT_MASK) != STAYS)) {
                throw in.problem("a run goes on behind the last element");
            }
        }
        symbols.finish();
    }
}
