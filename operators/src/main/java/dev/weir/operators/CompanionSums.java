package dev.weir.operators;

import dev.weir.operators.kernel.Kernel;
import dev.weir.operators.shape.Companion;
import java.util.Arrays;

/** What a companion is reduced to, chunk by chunk: elements, sum, sum of squares. */
public final class CompanionSums {
    /** Numbers of each chunk. */
    public static final int NUMBERS = 3;

    private static final int BLOCK_ELEMENTS = 8_192;

    private CompanionSums() {}

    /** What they are called among the sums of channels; no channel's name begins so. */
    public static String key(String companion) {
        return "@" + companion;
    }

    /** The sums over a chunk, in f64, the same bits everywhere. */
    public static double[] of(Kernel kernel, Companion companion, int elements) {
        double[] block = new double[Math.min(elements, BLOCK_ELEMENTS)];
        double[] ones = new double[block.length];
        Arrays.fill(ones, 1);
        double[] sums = {elements, 0, 0};
        for (int from = 0; from < elements; from += BLOCK_ELEMENTS) {
            int n = Math.min(BLOCK_ELEMENTS, elements - from);
            kernel.decode64(companion.bytes(), companion.dtype(), from, n, block);
            sums[1] += kernel.dot64(block, ones, n);
            sums[2] += kernel.dot64(block, block, n);
        }
        return sums;
    }
}
