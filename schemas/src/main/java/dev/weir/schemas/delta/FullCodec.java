package dev.weir.schemas.delta;

import dev.weir.schemas.tensor.Dtype;

/** The bytes as they are. */
final class FullCodec implements Codec {

    @Override
    public void encode(Dtype dtype, byte[] base, byte[] bytes, int length, PayloadWriter out) {
        out.bytes(bytes, 0, length);
    }

    @Override
    public void decode(Dtype dtype, byte[] base, PayloadReader in, byte[] out, int length) {
        in.bytes(out, 0, length);
    }
}
