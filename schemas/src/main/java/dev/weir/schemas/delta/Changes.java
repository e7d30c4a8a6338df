package dev.weir.schemas.delta;

import java.util.Arrays;

/**
 * The elements of a chunk that changed, block after block, in each by group: of each its group, how many of the group stay
 * before it, how far it moved, and the class of that.
 *
 * <p>Which elements change, and of which group they are, a processor cannot guess. So the loops are over all elements of a
 * block or over as many as changed, and decide nothing within.
 */
final class Changes {
    /** Bits of a class of magnitude. */
    static final int CLASS_BITS = 6;

    private static final int INDEX_BITS = CLASS_BITS + 3;

    /** Marks that are looked for at a time; a few too many cost less than a wrong guess of where they end. */
    private static final int STEP = 8;

    /** Of each its {@link #index}, and above it what the class of magnitude leaves open and the sign. */
    long[] moves = new long[0];

    /** Of each how many elements of its group stay before it. */
    int[] runs = new int[0];

    int count;

    /** Elements of each group. */
    final int[] elements = new int[ExponentGroups.MOST];

    /** Elements of each group behind its last that changed. */
    final int[] tail = new int[ExponentGroups.MOST];

    private final int[] classCounts = new int[ExponentGroups.MOST << CLASS_BITS];

    private final ChangeMarks marks = new ChangeMarks();

    /** Of each group its elements behind its last change and before the block; those up to that change, negative, if it is in it. */
    private final int[] gaps = new int[ExponentGroups.MOST];

    /** Of a block: elements of each group before each element, a byte each. */
    private final long[] countsBefore = new long[ExponentGroups.BLOCK];

    /** Of a block: which elements changed; above 8 bits, where the byte of each one's group lies in a long. */
    private final int[] places = new int[ExponentGroups.BLOCK + STEP];

    /** Fills all of it from a chunk. */
    void scan(ExponentField field, ExponentGroups groups, byte[] base, byte[] bytes, int chunkElements) {
        if (runs.length < chunkElements) {
            moves = new long[chunkElements];
            runs = new int[chunkElements];
        }
        Arrays.fill(elements, 0);
        Arrays.fill(gaps, 0);
        Arrays.fill(classCounts, 0);
        count = 0;
        int[] shifts = groups.shifts();
        long[] ones = new long[shifts.length];
        Arrays.setAll(ones, exponent -> 1L << shifts[exponent]);
        marks.mark(field.width(), base, bytes, chunkElements);
        for (int from = 0; from < chunkElements; from += ExponentGroups.BLOCK) {
            int size = Math.min(ExponentGroups.BLOCK, chunkElements - from);
            long blockElements = countsBefore(field, ones, base, from, size);
            collect(find(from, size), field, shifts, base, bytes, from);
            for (int g = 0; g < ExponentGroups.MOST; g++) {
                int ofBlock = (int) (blockElements >>> 8 * g) & 0xff;
                elements[g] += ofBlock;
                gaps[g] += ofBlock;
            }
        }
        System.arraycopy(gaps, 0, tail, 0, tail.length);
    }

    /** The group of a move and, lowest, the class of its magnitude. */
    static int index(long move) {
        return (int) move & (1 << INDEX_BITS) - 1;
    }

    /** What the class of a move leaves open, and its sign. */
    static long rest(long move) {
        return move >>> INDEX_BITS;
    }

    /** Changed elements of a group by class of magnitude. */
    int[] classCounts(int group) {
        return Arrays.copyOfRange(classCounts, group << CLASS_BITS, group + 1 << CLASS_BITS);
    }

    /** Counts the elements of a block by group; how many each has, a byte each. */
    private long countsBefore(ExponentField field, long[] ones, byte[] base, int from, int size) {
        int shift = field.shift();
        int mask = field.mask();
        long[] before = countsBefore;
        long counts = 0;
        int whole = field.width() == 2 ? size & -4 : 0;
        for (int i = 0; i < whole; i += 4) {
            long four = (long) Bits.LONG.get(base, 2 * (from + i)) >>> shift;
            before[i] = counts;
            counts += ones[(int) four & mask];
            before[i + 1] = counts;
            counts += ones[(int) (four >>> 16) & mask];
            before[i + 2] = counts;
            counts += ones[(int) (four >>> 32) & mask];
            before[i + 3] = counts;
            counts += ones[(int) (four >>> 48) & mask];
        }
        for (int i = whole; i < size; i++) {
            before[i] = counts;
            counts += ones[field.exponent(field.get(base, from + i))];
        }
        return counts;
    }

    /** Finds the elements of a block that changed; how many they are. */
    private int find(int from, int size) {
        byte[] bits = marks.bits();
        int[] to = places;
        int found = 0;
        for (int word = 0; word < size; word += Long.SIZE) {
            long ofBlock = size - word < Long.SIZE ? (1L << size - word) - 1 : -1;
            long left = (long) Bits.LONG.get(bits, (from + word) / 8) & ofBlock;
            int end = found + Long.bitCount(left);
            for (int at = found; at < end; at += STEP) {
                for (int i = 0; i < STEP; i++) {
                    to[at + i] = word + Long.numberOfTrailingZeros(left);
                    left &= left - 1;
                }
            }
            found = end;
        }
        return found;
    }

    /** Takes in what changed of a block, sorted by group. */
    private void collect(int found, ExponentField field, int[] shifts, byte[] base, byte[] bytes, int from) {
        long counts = 0;
        for (int i = 0; i < found; i++) {
            int at = shifts[field.exponent(field.get(base, from + places[i]))];
            places[i] |= at << 8;
            counts += 1L << at;
        }
        // Where each group begins among what changed of the block: sums of the bytes below, which fit, as a whole block
        // does.
        long begins = counts * 0x0101010101010100L;
        for (int i = 0; i < found; i++) {
            int place = places[i] & 0xff;
            int at = places[i] >>> 8;
            int g = at >>> 3;
            int to = count + ((int) (begins >>> at) & 0xff);
            begins += 1L << at;
            int rank = (int) (countsBefore[place] >>> at) & 0xff;
            int moved = field.difference(field.get(base, from + place), field.get(bytes, from + place));
            int above = Magnitudes.above(moved);
            int openBits = Magnitudes.openBitsOf(above);
            int index = g << CLASS_BITS | Magnitudes.classOf(above, openBits);
            runs[to] = gaps[g] + rank;
            moves[to] = (long) Magnitudes.rest(moved, above, openBits) << INDEX_BITS | index;
            gaps[g] = -1 - rank;
            classCounts[index]++;
        }
        count += found;
    }
}
