package dev.weir.schemas.tensor;

import java.security.MessageDigest;

/**
 * Digest of one partition's chunks: SHA-256 over the chunk number and the CRC-32C of each, both as big-endian ints, in
 * order of chunk numbers. Not thread-safe.
 */
public final class PartDigest {

    private final MessageDigest digest = Digests.sha256();
    private int count;
    private int last = -1;
    private boolean finished;

    /**
     * Adds a chunk.
     *
     * @param chunk its number, above that of the chunk before
     * @param crc CRC-32C of its bytes
     * @throws IllegalArgumentException if the number is not above the one before
     * @throws IllegalStateException after {@link #finish()}
     */
    public void add(int chunk, int crc) {
        if (finished) {
            throw new IllegalStateException("chunk " + chunk + " comes after the digest was finished");
        }
        if (chunk <= last) {
            throw new IllegalArgumentException(
                    "chunk " + chunk + " follows " + last + ", numbers must be 0 or more and ascend");
        }
        Digests.putInt(digest, chunk);
        Digests.putInt(digest, crc);
        last = chunk;
        count++;
    }

    /** Number of chunks added. */
    public int count() {
        return count;
    }

    /**
     * The digest, 32 bytes.
     *
     * @throws IllegalStateException if called twice
     */
    public byte[] finish() {
        if (finished) {
            throw new IllegalStateException("the digest was finished already");
        }
        finished = true;
        return digest.digest();
    }
}
