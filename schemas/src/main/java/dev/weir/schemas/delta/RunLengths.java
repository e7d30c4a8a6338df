package dev.weir.schemas.delta;

/**
 * How many elements of a group stay as they are before one changes, if each changes with the same chance: a geometric
 * distribution (Golomb, "Run-length encodings", 1966). A run is coded as its number of whole spans of {@code 2^spanBits}
 * elements, and the bits of the rest as they are; more spans than {@link #LONG} are told by that symbol, after which the
 * count goes on from there.
 */
record RunLengths(int spanBits, int[] frequencies) {
    /** The symbol that stands for as many spans and a count that goes on. */
    static final int LONG = 15;

    /** Bits that a chance has in the header. */
    static final int CHANCE_BITS = 16;

    private static final int MAX_SPAN_BITS = 17;
    private static final int ONE_BITS = 31;
    private static final long ONE = 1L << ONE_BITS;
    /** A span is as long as the chance that nothing in it changes stays above this: 0.6. */
    private static final long STAYS = ONE * 6 / 10;

    /**
     * For a chance of change.
     *
     * @param chance from 1 to 65535, in parts of 65536
     */
    static RunLengths of(int chance) {
        long stays = (1L << CHANCE_BITS) - chance << ONE_BITS - CHANCE_BITS;
        int spanBits = 0;
        while (spanBits < MAX_SPAN_BITS && stays * stays >>> ONE_BITS >= STAYS) {
            stays = stays * stays >>> ONE_BITS;
            spanBits++;
        }
        long[] weights = new long[LONG + 1];
        long reaches = ONE;
        for (int spans = 0; spans < LONG; spans++) {
            long further = reaches * stays >>> ONE_BITS;
            weights[spans] = Math.max(1, reaches - further);
            reaches = further;
        }
        weights[LONG] = Math.max(1, reaches);
        return new RunLengths(spanBits, Frequencies.scaled(weights, LONG + 1));
    }

    /** The chance of so many changes among so many elements. */
    static int chance(int changes, int elements) {
        int chance = (int) (((long) changes << CHANCE_BITS) / elements);
        return Math.max(1, Math.min((1 << CHANCE_BITS) - 1, chance));
    }
}
