package dev.weir.topology.merge;

import dev.weir.schemas.record.Sha256;
import dev.weir.schemas.tensor.PartDigest;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The chunks of one checkpoint that this partition holds until the decision. */
final class StagedCheckpoint {
    /** A chunk as it came: its CRC-32C, its decoded bytes, little-endian, off the heap, and where the log has it. */
    record Held(int crc, MemorySegment bytes, long offset) {
        /** Whether the bytes are not here yet: a keyframe knew of the chunk, and its record is still to be read. */
        boolean missing() {
            return bytes.equals(MemorySegment.NULL);
        }
    }

    private final ChunkPool pool;

    StagedCheckpoint(ChunkPool pool) {
        this.pool = pool;
    }

    private final TreeMap<Integer, Held> chunks = new TreeMap<>();
    private @Nullable String failure;
    private boolean ended;

    /** Chunks by number, in order. */
    Map<Integer, Held> chunks() {
        return chunks;
    }

    /** Copies the bytes of a chunk. */
    void hold(int chunk, int crc, ByteBuffer bytes, long offset) {
        chunks.put(chunk, new Held(crc, pool.copy(MemorySegment.ofBuffer(bytes)), offset));
    }

    /** Notes a chunk whose bytes come later. */
    void await(int chunk, int crc, long offset) {
        chunks.put(chunk, new Held(crc, MemorySegment.NULL, offset));
    }

    /** Gives the memory back; nothing is held any more. */
    void release() {
        for (Held held : chunks.values()) {
            if (!held.missing()) {
                pool.release(held.bytes());
            }
        }
        chunks.clear();
    }

    /** Gives the checkpoint up and frees what was held; the first reason stays. */
    void fail(String reason) {
        if (failure == null) {
            failure = reason;
        }
        release();
    }

    @Nullable
    String failure() {
        return failure;
    }

    boolean ended() {
        return ended;
    }

    void end() {
        ended = true;
    }

    /** Whether nothing of it is awaited any more: its end came, or it failed. */
    boolean closed() {
        return ended || failure != null;
    }

    /** Digest over the chunks held, as {@link dev.weir.schemas.record.End} defines it. */
    Sha256 digest() {
        PartDigest digest = new PartDigest();
        chunks.forEach((chunk, held) -> digest.add(chunk, held.crc()));
        return new Sha256(digest.finish());
    }
}
