package dev.weir.operators.flip;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * P-values of several tests, raised so that all may be read together.
 *
 * <p>Source: Holm, A Simple Sequentially Rejective Multiple Test Procedure, Scandinavian Journal of Statistics 6 (1979).
 */
final class Holm {

    private Holm() {}

    /** The adjusted values, in the order of the given ones. */
    static double[] adjust(double[] values) {
        List<Integer> ascending = IntStream.range(0, values.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> values[i]))
                .toList();
        double[] adjusted = new double[values.length];
        double highest = 0;
        for (int rank = 0; rank < values.length; rank++) {
            int at = ascending.get(rank);
            highest = Math.max(highest, Math.min(1, (values.length - rank) * values[at]));
            adjusted[at] = highest;
        }
        return adjusted;
    }
}
