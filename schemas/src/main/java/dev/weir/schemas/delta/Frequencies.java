package dev.weir.schemas.delta;

/**
 * Whole frequencies of symbols that sum to {@link #TOTAL}, and how weights stand in a header: one byte each, a number of
 * two binary places. Whole numbers only, so that every machine finds the same.
 */
final class Frequencies {
    static final int BITS = 10;
    static final int TOTAL = 1 << BITS;

    /** The highest code of a weight. */
    static final int MAX_CODE = 64;

    private static final int MAX_WEIGHT = weight(MAX_CODE);

    private Frequencies() {}

    /**
     * Scales weights: what is above 0 stays above 0.
     *
     * @param weights of which the first {@code symbols} are read, each at most 2^31; at least one is above 0, at most
     *     {@link #TOTAL}/2 are
     */
    static int[] scaled(long[] weights, int symbols) {
        long sum = 0;
        for (int i = 0; i < symbols; i++) {
            sum += weights[i];
        }
        int[] frequencies = new int[symbols];
        int left = TOTAL;
        for (int i = 0; i < symbols; i++) {
            frequencies[i] = weights[i] == 0 ? 0 : (int) Math.max(1, weights[i] * TOTAL / sum);
            left -= frequencies[i];
        }
        while (left != 0) {
            int most = 0;
            for (int i = 1; i < symbols; i++) {
                most = frequencies[i] > frequencies[most] ? i : most;
            }
            int change = Math.max(left, -(frequencies[most] / 2));
            frequencies[most] += change;
            left -= change;
        }
        return frequencies;
    }

    /** The weight that a code stands for; 0 for 0. */
    static int weight(int code) {
        return code == 0 ? 0 : 4 + (code - 1 & 3) << (code - 1 >> 2);
    }

    /** The code whose weight is nearest below four times that count; not 0 unless the count is. */
    static int code(int count) {
        if (count == 0) {
            return 0;
        }
        long weight = Math.min(4L * count, MAX_WEIGHT);
        int octave = 63 - Long.numberOfLeadingZeros(weight) - 2;
        return (octave << 2) + (int) (weight >>> octave & 3) + 1;
    }
}
