package dev.weir.schemas.delta;

import dev.weir.schemas.tensor.Dtype;

/** Nothing: the chunk is its base. */
final class UnchangedCodec implements Codec {

    @Override
    public void encode(Dtype dtype, byte[] base, byte[] bytes, int length, PayloadWriter out) {}

    @Override
    public void decode(Dtype dtype, byte[] base, PayloadReader in, byte[] out, int length) {
        System.arraycopy(base, 0, out, 0, length);
    }
}
