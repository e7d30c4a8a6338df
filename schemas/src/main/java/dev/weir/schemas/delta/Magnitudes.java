package dev.weir.schemas.delta;

/**
 * Sizes of differences from 1 on, in classes: 1 to 4 each their own, then two to every doubling, with the lower bits as
 * they are.
 */
final class Magnitudes {
    /** Classes at most: of 32-bit differences. */
    static final int CLASSES = 62;

    private Magnitudes() {}

    /** Classes that differences of that many bytes can have. */
    static int classes(int width) {
        return width == 2 ? 30 : CLASSES;
    }

    /** Class of a difference that is not 0. */
    static int classOf(int difference) {
        int above = above(difference);
        if (above < 4) {
            return above;
        }
        int octave = 31 - Integer.numberOfLeadingZeros(above);
        return 2 * octave + (above >>> octave - 1 & 1);
    }

    /** How many lower bits a class leaves open. */
    static int openBits(int magnitudeClass) {
        return magnitudeClass < 4 ? 0 : (magnitudeClass >> 1) - 1;
    }

    /** The open bits of a difference and, lowest, its sign. */
    static int rest(int difference, int openBits) {
        return (above(difference) & (1 << openBits) - 1) << 1 | difference >>> 31;
    }

    /** The difference of a class with those open bits and sign; without branches on what cannot be guessed. */
    static int difference(int magnitudeClass, int openBits, int rest) {
        int first = magnitudeClass < 4 ? magnitudeClass : (2 + (magnitudeClass & 1)) << openBits;
        int size = first + (rest >>> 1) + 1;
        int negative = -(rest & 1);
        return (size ^ negative) - negative;
    }

    /** Size less 1, which fits for the smallest number of all, too. */
    private static int above(int difference) {
        int negative = difference >> 31;
        return (difference ^ negative) - negative - 1;
    }
}
