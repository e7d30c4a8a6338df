package dev.weir.schemas.tensor;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.stream.Collectors;

/**
 * Digest of a model's weights, which equals however they are chunked: SHA-256 over the tensors in byte order of their
 * names, of each its name as UTF-8, a 0 byte, the dtype's label, a 0 byte, the shape as decimals joined by commas
 * (nothing for a scalar), a 0 byte, and its raw little-endian bytes. Not thread-safe.
 */
public final class ContentDigest {

    private final Layout layout;
    private final MessageDigest digest = Digests.sha256();
    private int nextChunk;
    private int headers;
    private boolean finished;

    /** A digest of weights of that layout, before the first chunk. */
    public ContentDigest(Layout layout) {
        this.layout = layout;
    }

    /**
     * Adds the next chunk, from chunk 0 on.
     *
     * @param chunkBytes its bytes; the position stays where it is
     * @throws IllegalArgumentException if the layout has another size for this chunk
     * @throws IllegalStateException after the last chunk or {@link #finish()}
     */
    public void update(ByteBuffer chunkBytes) {
        if (finished) {
            throw new IllegalStateException("the digest was finished already");
        }
        ChunkSpec chunk = layout.checked(nextChunk, chunkBytes);
        headersThrough(chunk.tensor());
        digest.update(chunkBytes.duplicate());
        nextChunk++;
    }

    /**
     * The digest, 32 bytes.
     *
     * @throws IllegalStateException if chunks are missing, or if called twice
     */
    public byte[] finish() {
        if (finished) {
            throw new IllegalStateException("the digest was finished already");
        }
        if (nextChunk < layout.chunkCount()) {
            throw new IllegalStateException(
                    "chunk " + nextChunk + " is missing, the layout has " + layout.chunkCount() + " chunks");
        }
        finished = true;
        headersThrough(layout.tensors().size() - 1);
        return digest.digest();
    }

    private void headersThrough(int tensor) {
        for (; headers <= tensor; headers++) {
            TensorSpec spec = layout.tensors().get(headers);
            String shape = spec.shape().stream().map(String::valueOf).collect(Collectors.joining(","));
            digest.update(spec.nameBytes());
            digest.update((byte) 0);
            digest.update(spec.dtype().label().getBytes(StandardCharsets.US_ASCII));
            digest.update((byte) 0);
            digest.update(shape.getBytes(StandardCharsets.US_ASCII));
            digest.update((byte) 0);
        }
    }
}
