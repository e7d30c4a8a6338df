package dev.weir.schemas.delta;

import dev.weir.schemas.tensor.Dtype;
import java.util.Arrays;

/**
 * Differences of the ordered integers, coded close to their entropy given the exponent of the old value: the larger a
 * weight, the rarer an update of a given size reaches the next number that its type can hold. Exponents fall into a few
 * groups; of each group the codec tells how many elements stay before the next that changes, and how far that moves. What
 * stays thus costs nothing but a subtraction.
 */
final class EntropyCodec implements Codec {
    private final Changes changes = new Changes();
    private final BackwardCoder coder = new BackwardCoder();
    private final int[][] classCounts = new int[ExponentGroups.MOST][Magnitudes.CLASSES];
    private final ChangeDecoder decoder = new ChangeDecoder();

    @Override
    public void encode(Dtype dtype, byte[] base, byte[] bytes, int length, PayloadWriter out) {
        ExponentField field = ExponentField.of(dtype);
        int elements = length / field.width();
        ExponentGroups groups = Grouping.of(field, base, bytes, elements);
        changes.scan(field, groups, base, bytes, elements);
        groups.write(out);
        GroupCoder[] coders = models(groups.starts().length, out);
        int runSymbols = changes.count + elements / RunLengths.LONG + 2 * ExponentGroups.MOST;
        coder.begin(runSymbols, changes.count, 6 * changes.count + 64);
        int[] next = changes.tail;
        for (int i = changes.count - 1; i >= 0; i--) {
            int group = changes.group[i];
            coders[group].change(changes.difference[i], next[group], coder);
            next[group] = changes.run[i];
        }
        for (int group = coders.length - 1; group >= 0; group--) {
            coders[group].run(next[group], coder);
        }
        coder.finish(out);
    }

    /** Writes the statistics of all groups. */
    private GroupCoder[] models(int groups, PayloadWriter out) {
        int[] changed = new int[groups];
        for (int[] counts : classCounts) {
            Arrays.fill(counts, 0);
        }
        for (int i = 0; i < changes.count; i++) {
            int group = changes.group[i];
            classCounts[group][Magnitudes.classOf(changes.difference[i])]++;
            changed[group]++;
        }
        GroupCoder[] coders = new GroupCoder[groups];
        for (int group = 0; group < groups; group++) {
            coders[group] =
                    new GroupCoder(GroupModel.write(changed[group], changes.elements[group], classCounts[group], out));
        }
        return coders;
    }

    @Override
    public void decode(Dtype dtype, byte[] base, PayloadReader in, byte[] out, int length) {
        ExponentField field = ExponentField.of(dtype);
        System.arraycopy(base, 0, out, 0, length);
        decoder.apply(field, in, base, out, length / field.width());
    }
}
