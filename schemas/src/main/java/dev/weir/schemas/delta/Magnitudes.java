package dev.weir.schemas.delta;

/**
 * Sizes of differences from 1 on, in classes: 1 to 4 each their own, then two to every doubling, with the lower bits as
 * they are.
 */
final class Magnitudes {
    /** Classes at most: of 32-bit differences. */
    static final int CLASSES = 62;

    private static final int[] OPEN_BITS = new int[CLASSES];
    /** Smallest size of each class, less 1. */
    private static final int[] FIRST = new int[CLASSES];

    static {
        for (int i = 0; i < CLASSES; i++) {
            OPEN_BITS[i] = Math.max((i >> 1) - 1, 0);
            FIRST[i] = i < 4 ? i : 2 + (i & 1) << OPEN_BITS[i];
        }
    }

    private Magnitudes() {}

    /** Classes that differences of that many bytes can have. */
    static int classes(int width) {
        return width == 2 ? 30 : CLASSES;
    }

    /** Size of a difference that is not 0, less 1, which fits for the smallest number of all, too. */
    static int above(int difference) {
        int negative = difference >> 31;
        return (difference ^ negative) - negative - 1;
    }

    /** How many lower bits the class of a size less 1 leaves open. */
    static int openBitsOf(int above) {
        return Math.max(30 - Integer.numberOfLeadingZeros(above | 1), 0);
    }

    /** Class of a size less 1 that leaves so many bits open. */
    static int classOf(int above, int openBits) {
        return above < 2 ? above : 2 * openBits + (above >>> openBits);
    }

    /** Class of a difference that is not 0. */
    static int classOf(int difference) {
        int above = above(difference);
        return classOf(above, openBitsOf(above));
    }

    /** The open bits of a difference and, lowest, its sign. */
    static int rest(int difference, int above, int openBits) {
        return (above & (1 << openBits) - 1) << 1 | difference >>> 31;
    }

    /** How many lower bits a class leaves open. */
    static int openBits(int magnitudeClass) {
        return OPEN_BITS[magnitudeClass];
    }

    /** The difference of a class with those open bits and sign. */
    static int difference(int magnitudeClass, int rest) {
        int size = FIRST[magnitudeClass] + (rest >>> 1) + 1;
        int negative = -(rest & 1);
        return (size ^ negative) - negative;
    }
}
