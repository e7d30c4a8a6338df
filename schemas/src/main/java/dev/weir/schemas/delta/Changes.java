package dev.weir.schemas.delta;

import java.util.Arrays;

/**
 * The elements of a chunk that changed, block after block, in each by group: of each its group, how many of the group stay
 * before it, and how far it moved.
 */
final class Changes {
    byte[] group = new byte[0];
    int[] run = new int[0];
    int[] difference = new int[0];
    int count;

    /** Elements of each group. */
    final int[] elements = new int[ExponentGroups.MOST];

    /** Elements of each group behind its last that changed. */
    final int[] tail = new int[ExponentGroups.MOST];

    /** Of a block: of each group its changed elements' place in the block and, in the higher byte, in the group. */
    private final short[] places = new short[ExponentGroups.MOST << 8];

    /** Fills all of it from a chunk. */
    void scan(ExponentField field, ExponentGroups groups, byte[] base, byte[] bytes, int chunkElements) {
        if (group.length < chunkElements) {
            group = new byte[chunkElements];
            run = new int[chunkElements];
            difference = new int[chunkElements];
        }
        Arrays.fill(elements, 0);
        Arrays.fill(tail, 0);
        count = 0;
        int[] shifts = groups.shifts();
        marks.mark(field.width(), base, bytes, chunkElements);
        for (int from = 0; from < chunkElements; from += ExponentGroups.BLOCK) {
            int size = Math.min(ExponentGroups.BLOCK, chunkElements - from);
            place(field, shifts, base, from, size);
            for (int g = 0; g < ExponentGroups.MOST; g++) {
                collect(g, field, base, bytes, from);
            }
        }
    }

    private final ChangeMarks marks = new ChangeMarks();
    /** Of a block: elements of each group before each element, a byte each. */
    private final long[] countsBefore = new long[ExponentGroups.BLOCK];

    /** Of a block: elements of each group, and those of them that changed, a byte each. */
    private long blockElements;

    private long blockChanges;

    /** Sorts the changed elements of a block by group. */
    private void place(ExponentField field, int[] shifts, byte[] base, int from, int size) {
        boolean narrow = field.width() == 2;
        int exponentShift = field.shift();
        int mask = field.mask();
        long[] before = countsBefore;
        long counts = 0;
        for (int i = 0; i < size; i++) {
            int was = narrow ? (short) Bits.SHORT.get(base, 2 * (from + i)) : (int) Bits.INT.get(base, 4 * (from + i));
            before[i] = counts;
            counts += 1L << shifts[was >>> exponentShift & mask];
        }
        blockElements = counts;
        byte[] bits = marks.bits();
        short[] to = places;
        long changed = 0;
        for (int word = 0; word < size; word += 64) {
            long ofBlock = size - word < 64 ? (1L << size - word) - 1 : -1;
            for (long left = (long) Bits.LONG.get(bits, (from + word) / 8) & ofBlock; left != 0; left &= left - 1) {
                int i = word + Long.numberOfTrailingZeros(left);
                int at = shifts[field.exponent(field.get(base, from + i))];
                to[at << 5 | (int) (changed >>> at) & 0xff] = (short) ((int) (before[i] >>> at) << 8 | i);
                changed += 1L << at;
            }
        }
        blockChanges = changed;
    }

    /** Takes in what changed of a group in a block. */
    private void collect(int g, ExponentField field, byte[] base, byte[] bytes, int from) {
        int changed = (int) (blockChanges >>> 8 * g) & 0xff;
        int stay = tail[g];
        int to = count;
        int last = -1;
        for (int i = 0; i < changed; i++) {
            int place = places[g << 8 | i];
            int element = from + (place & 0xff);
            int rank = place >>> 8 & 0xff;
            group[to] = (byte) g;
            run[to] = stay + rank - last - 1;
            difference[to] = field.difference(field.get(base, element), field.get(bytes, element));
            stay = 0;
            last = rank;
            to++;
        }
        count = to;
        int size = (int) (blockElements >>> 8 * g) & 0xff;
        elements[g] += size;
        tail[g] = stay + size - last - 1;
    }
}
