package dev.weir.schemas.delta;

import dev.weir.schemas.tensor.Dtype;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Decodes chunks one after another in the same scratch memory, which grows with the chunk and never with what a payload
 * claims. Not thread-safe; holds memory off the heap until closed.
 */
public final class ChunkDecoder implements AutoCloseable {
    private final Codecs codecs = new Codecs();
    private byte[] baseScratch = new byte[0];
    private byte[] out = new byte[0];
    private byte[] scratch = new byte[0];

    /**
     * Restores a chunk.
     *
     * @param dtype of its elements
     * @param old bytes of the chunk that it was encoded against; null if there are none
     * @param payload what was encoded; positions of both buffers stay where they are
     * @param byteSize bytes of the chunk
     * @return its bytes, little-endian; valid until the next call
     * @throws BadDeltaException if the payload is no valid encoding of such a chunk
     * @throws IllegalArgumentException if the sizes of base and chunk differ or are no multiple of the element's
     */
    public ByteBuffer decode(
            Encoding encoding, Dtype dtype, @Nullable ByteBuffer old, ByteBuffer payload, int byteSize) {
        if (byteSize % dtype.bytes() != 0 || (old != null && old.remaining() != byteSize)) {
            throw new IllegalArgumentException("a chunk of " + byteSize + " bytes of " + dtype + " against "
                    + (old == null ? "none" : old.remaining() + " bytes")
                    + "; both must have the same whole number of elements");
        }
        if (payload.remaining() > byteSize) {
            throw new BadDeltaException(encoding.label() + " payload of " + payload.remaining()
                    + " bytes for a chunk of " + byteSize + "; at most as many are allowed");
        }
        byte[] base = baseScratch;
        if (encoding != Encoding.FULL) {
            if (old == null) {
                throw new BadDeltaException(encoding.label() + " payload for a chunk without a base; allowed: full");
            }
            if (encoding == Encoding.ENTROPY && !ExponentField.in(dtype)) {
                throw new BadDeltaException("entropy payload for elements of " + dtype + "; allowed: BF16, F16, F32");
            }
            base = ChunkEncoder.array(old, baseScratch);
            baseScratch = old.hasArray() ? baseScratch : base;
        }
        if (out.length < byteSize) {
            out = new byte[byteSize];
            scratch = new byte[byteSize + PayloadReader.PADDING];
        }
        PayloadReader in = PayloadReader.of(encoding.label() + " payload", payload, scratch);
        codecs.of(encoding).decode(dtype, base, in, out, byteSize);
        in.finish();
        return ByteBuffer.wrap(out, 0, byteSize).slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void close() {
        codecs.close();
    }
}
