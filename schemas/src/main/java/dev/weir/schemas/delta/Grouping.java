package dev.weir.schemas.delta;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Finds groups of exponents from a sample of a chunk: begins with every exponent that occurs and joins the neighbours
 * that lose least by sharing their statistics, until joining costs more than another group's header and few enough are
 * left.
 */
final class Grouping {
    private static final int SAMPLES = 1 << 12;
    /** Samples side by side: one line of the cache. */
    private static final int RUN = 32;
    /** Classes of magnitude that are told apart; the first column is for what did not change. */
    private static final int COLUMNS = 14;
    /** Bits that a group of its own costs, without what its classes cost. */
    private static final int GROUP_BITS = 48;

    private static final double[] N_LOG_N = new double[SAMPLES + RUN + 1];

    static {
        for (int n = 2; n < N_LOG_N.length; n++) {
            N_LOG_N[n] = n * StrictMath.log(n) / StrictMath.log(2);
        }
    }

    private Grouping() {}

    static ExponentGroups of(ExponentField field, byte[] base, byte[] bytes, int elements) {
        int[][] seen = new int[ExponentField.EXPONENTS][];
        int stride = (elements / SAMPLES + 1) * RUN;
        int samples = 0;
        for (int from = 0; from < elements; from += stride) {
            for (int i = from; i < Math.min(from + RUN, elements); i++) {
                int was = field.get(base, i);
                int is = field.get(bytes, i);
                int exponent = field.exponent(was);
                if (seen[exponent] == null) {
                    seen[exponent] = new int[COLUMNS];
                }
                int column = was == is ? 0 : 1 + Magnitudes.classOf(field.difference(was, is));
                seen[exponent][Math.min(column, COLUMNS - 1)]++;
                samples++;
            }
        }
        List<Group> groups = new ArrayList<>();
        for (int exponent = 0; exponent < seen.length; exponent++) {
            if (seen[exponent] != null) {
                groups.add(Group.of(exponent, seen[exponent]));
            }
        }
        join(groups, GROUP_BITS * (double) samples / Math.max(elements, 1));
        int[] starts = groups.stream().mapToInt(Group::start).toArray();
        if (starts.length == 0) {
            return new ExponentGroups(new int[1]);
        }
        starts[0] = 0;
        return new ExponentGroups(starts);
    }

    /** Joins neighbours in place. */
    private static void join(List<Group> groups, double groupBits) {
        List<Group> joined = new ArrayList<>();
        for (int i = 0; i + 1 < groups.size(); i++) {
            joined.add(groups.get(i).with(groups.get(i + 1)));
        }
        while (groups.size() > 1) {
            int best = 0;
            double least = Double.MAX_VALUE;
            for (int i = 0; i < joined.size(); i++) {
                double loss = joined.get(i).bits - groups.get(i).bits - groups.get(i + 1).bits;
                if (loss < least) {
                    least = loss;
                    best = i;
                }
            }
            if (groups.size() <= ExponentGroups.MOST && least > groupBits) {
                return;
            }
            groups.set(best, joined.remove(best));
            groups.remove(best + 1);
            if (best > 0) {
                joined.set(best - 1, groups.get(best - 1).with(groups.get(best)));
            }
            if (best < joined.size()) {
                joined.set(best, groups.get(best).with(groups.get(best + 1)));
            }
        }
    }

    /** Exponents from one on, what was seen of them, and the bits that this takes with statistics of its own. */
    private record Group(int start, int[] columns, double bits) {

        static Group of(int start, int[] columns) {
            double bits = N_LOG_N[Arrays.stream(columns).sum()];
            for (int count : columns) {
                bits -= N_LOG_N[count];
            }
            return new Group(start, columns, bits);
        }

        Group with(Group next) {
            int[] sum = columns.clone();
            for (int i = 0; i < sum.length; i++) {
                sum[i] += next.columns[i];
            }
            return of(start, sum);
        }
    }
}
