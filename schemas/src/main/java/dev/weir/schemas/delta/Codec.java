package dev.weir.schemas.delta;

import dev.weir.schemas.tensor.Dtype;

/** One way to encode a chunk. Instances keep scratch memory: not thread-safe. */
sealed interface Codec permits FullCodec, UnchangedCodec, SparseCodec, PlanesCodec, EntropyCodec {

    /**
     * Appends the payload.
     *
     * @param base bytes of the old chunk; not read where no base is needed
     * @param bytes of the new chunk, as many
     * @param length bytes of both, a multiple of the element's
     */
    void encode(Dtype dtype, byte[] base, byte[] bytes, int length, PayloadWriter out);

    /**
     * Restores the new bytes.
     *
     * @param base bytes of the old chunk
     * @param out takes the new chunk's
     * @param length bytes of both
     * @throws BadDeltaException if the payload is not what {@link #encode} writes; out then holds anything
     */
    void decode(Dtype dtype, byte[] base, PayloadReader in, byte[] out, int length);
}
