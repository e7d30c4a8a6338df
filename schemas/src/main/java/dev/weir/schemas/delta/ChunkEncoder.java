package dev.weir.schemas.delta;

import dev.weir.schemas.tensor.Dtype;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Encodes chunks one after another in the same scratch memory. Not thread-safe; holds memory off the heap until closed. */
public final class ChunkEncoder implements AutoCloseable {
    /** With more changes the positions alone outweigh what statistics cost. */
    private static final int FEW = 48;

    private final Codecs codecs = new Codecs();
    private final PayloadWriter payload = new PayloadWriter();
    private final PayloadWriter rival = new PayloadWriter();
    private byte[] baseScratch = new byte[0];
    private byte[] bytesScratch = new byte[0];
    private byte[] base = baseScratch;
    private byte[] bytes = bytesScratch;

    /**
     * Encodes a chunk; never larger than its plain bytes.
     *
     * @param dtype of its elements
     * @param old bytes of the same chunk that the reader has; null if it has none
     * @param now its bytes; positions of both buffers stay where they are
     * @throws IllegalArgumentException if sizes differ or are no multiple of the element's
     */
    public EncodedChunk encode(Dtype dtype, @Nullable ByteBuffer old, ByteBuffer now, Choice choice) {
        int length = now.remaining();
        if (length % dtype.bytes() != 0 || (old != null && old.remaining() != length)) {
            throw new IllegalArgumentException("a chunk of " + length + " bytes of " + dtype + " against "
                    + (old == null ? "none" : old.remaining() + " bytes")
                    + "; both must have the same whole number of elements");
        }
        if (old == null || choice == Choice.FULL) {
            return new EncodedChunk(Encoding.FULL, now.slice());
        }
        if (old.equals(now)) {
            return new EncodedChunk(Encoding.UNCHANGED, ByteBuffer.allocate(0));
        }
        take(old, now);
        Encoding encoding = choice != Choice.FAST && ExponentField.in(dtype) ? Encoding.ENTROPY : Encoding.PLANES;
        write(encoding, dtype, length, payload);
        PayloadWriter best = payload;
        if (SparseCodec.changed(dtype.bytes(), base, bytes, length, FEW) < FEW) {
            write(Encoding.SPARSE, dtype, length, rival);
            if (rival.size() < payload.size()) {
                best = rival;
                encoding = Encoding.SPARSE;
            }
        }
        return best.size() < length
                ? new EncodedChunk(encoding, best.view())
                : new EncodedChunk(Encoding.FULL, now.slice());
    }

    /** Encodes in that way, whatever comes of it. */
    ByteBuffer encode(Encoding encoding, Dtype dtype, ByteBuffer old, ByteBuffer now) {
        take(old, now);
        write(encoding, dtype, now.remaining(), payload);
        return payload.view();
    }

    private void take(ByteBuffer old, ByteBuffer now) {
        base = array(old, baseScratch);
        baseScratch = old.hasArray() ? baseScratch : base;
        bytes = array(now, bytesScratch);
        bytesScratch = now.hasArray() ? bytesScratch : bytes;
    }

    private void write(Encoding encoding, Dtype dtype, int length, PayloadWriter out) {
        out.clear();
        codecs.of(encoding).encode(dtype, base, bytes, length, out);
    }

    /** The buffer's bytes from 0 on: its own array where it begins there, else a copy, in that array if it is large enough. */
    static byte[] array(ByteBuffer from, byte[] array) {
        if (from.hasArray() && from.arrayOffset() + from.position() == 0) {
            return from.array();
        }
        byte[] to = array.length >= from.remaining() ? array : new byte[from.remaining()];
        from.duplicate().get(to, 0, from.remaining());
        return to;
    }

    @Override
    public void close() {
        codecs.close();
    }
}
