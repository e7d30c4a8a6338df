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
    private final ChangeDecoder decoder = new ChangeDecoder();

    @Override
    public void encode(Dtype dtype, byte[] base, byte[] bytes, int length, PayloadWriter out) {
        ExponentField field = ExponentField.of(dtype);
        int elements = length / field.width();
        ExponentGroups groups = Grouping.of(field, base, bytes, elements);
        changes.scan(field, groups, base, bytes, elements);
        groups.write(out);
        for (int group = 0; group < groups.starts().length; group++) {
            int[] counts = changes.classCounts(group);
            coder.model(group, GroupModel.write(Arrays.stream(counts).sum(), changes.elements[group], counts, out));
        }
        coder.write(changes, groups.starts().length, elements, out);
    }

    @Override
    public void decode(Dtype dtype, byte[] base, PayloadReader in, byte[] out, int length) {
        ExponentField field = ExponentField.of(dtype);
        System.arraycopy(base, 0, out, 0, length);
        decoder.apply(field, in, base, out, length / field.width());
    }
}
