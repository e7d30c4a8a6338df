package dev.weir.schemas.delta;

import dev.weir.schemas.tensor.Dtype;
import java.util.Arrays;

/** How many elements changed; of each how many before it did not; the new values. */
final class SparseCodec implements Codec {

    @Override
    public void encode(Dtype dtype, byte[] base, byte[] bytes, int length, PayloadWriter out) {
        int width = dtype.bytes();
        out.varint(changed(width, base, bytes, length, Integer.MAX_VALUE));
        int before = -1;
        for (int at = next(width, base, bytes, 0, length);
                at < length;
                at = next(width, base, bytes, at + width, length)) {
            out.varint(at / width - before - 1);
            before = at / width;
        }
        for (int at = next(width, base, bytes, 0, length);
                at < length;
                at = next(width, base, bytes, at + width, length)) {
            out.bytes(bytes, at, width);
        }
    }

    @Override
    public void decode(Dtype dtype, byte[] base, PayloadReader in, byte[] out, int length) {
        int width = dtype.bytes();
        int elements = length / width;
        int changed = in.varint("count of changed elements", elements);
        PayloadReader values = in.mark();
        for (int i = 0; i < changed; i++) {
            values.varint("distance", elements);
        }
        System.arraycopy(base, 0, out, 0, length);
        int element = -1;
        for (int i = 0; i < changed; i++) {
            int gap = in.varint("distance", elements);
            if (gap > elements - 2 - element) {
                throw in.problem(
                        "element " + ((long) element + 1 + gap) + " is beyond the chunk, which has " + elements);
            }
            element += gap + 1;
            values.bytes(out, element * width, width);
        }
        in.moveTo(values);
    }

    /** How many elements differ; counted up to that limit. */
    static int changed(int width, byte[] base, byte[] bytes, int length, int limit) {
        int changed = 0;
        int at = next(width, base, bytes, 0, length);
        while (at < length && changed < limit) {
            changed++;
            at = next(width, base, bytes, at + width, length);
        }
        return changed;
    }

    /** First byte of the next element that differs, from that byte on; length if none does. */
    private static int next(int width, byte[] base, byte[] bytes, int from, int length) {
        int same = from < length ? Arrays.mismatch(base, from, length, bytes, from, length) : -1;
        return same < 0 ? length : (from + same) / width * width;
    }
}
