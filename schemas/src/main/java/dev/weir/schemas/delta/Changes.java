package dev.weir.schemas.delta;

import java.util.Arrays;

/** The elements that changed, in order: each with its group, the elements of that group before it, and how far it moved. */
final class Changes {
    /** Elements of which a group's counter of eight bits can hold all. */
    private static final int BLOCK = 255;

    byte[] group = new byte[0];
    int[] run = new int[0];
    int[] difference = new int[0];
    int count;

    /** Elements of each group. */
    final int[] elements = new int[ExponentGroups.MOST];

    /** Elements of each group behind its last that changed. */
    final int[] tail = new int[ExponentGroups.MOST];

    /** Fills all of it from a chunk. */
    void scan(ExponentField field, ExponentGroups groups, byte[] base, byte[] bytes, int chunkElements) {
        if (group.length < chunkElements) {
            group = new byte[chunkElements];
            run = new int[chunkElements];
            difference = new int[chunkElements];
        }
        int[] behindLast = tail;
        Arrays.fill(elements, 0);
        Arrays.fill(behindLast, 0);
        long[] one = groups.counters();
        int found = 0;
        for (int from = 0; from < chunkElements; from += BLOCK) {
            int to = Math.min(from + BLOCK, chunkElements);
            long counters = 0;
            for (int i = from; i < to; i++) {
                int was = field.get(base, i);
                int is = field.get(bytes, i);
                long counter = one[field.exponent(was)];
                if (was != is) {
                    int at = Long.numberOfTrailingZeros(counter);
                    int before = elements[at >>> 3] + (int) (counters >>> at & 0xff);
                    group[found] = (byte) (at >>> 3);
                    run[found] = before - behindLast[at >>> 3];
                    difference[found] = field.difference(was, is);
                    behindLast[at >>> 3] = before + 1;
                    found++;
                }
                counters += counter;
            }
            for (int g = 0; g < ExponentGroups.MOST; g++) {
                elements[g] += (int) (counters >>> 8 * g & 0xff);
            }
        }
        count = found;
        for (int g = 0; g < ExponentGroups.MOST; g++) {
            tail[g] = elements[g] - behindLast[g];
        }
    }
}
