package dev.weir.topology.merge;

import dev.weir.schemas.record.Sha256;
import dev.weir.schemas.tensor.PartDigest;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The chunks of one checkpoint that this partition holds until the decision. */
final class StagedCheckpoint {
    /** A chunk as it came: its CRC-32C, its decoded bytes, little-endian, and where the log has it. */
    record Held(int crc, ByteBuffer bytes, long offset) {}

    private final TreeMap<Integer, Held> chunks = new TreeMap<>();
    private @Nullable String failure;
    private boolean ended;

    /** Chunks by number, in order. */
    Map<Integer, Held> chunks() {
        return chunks;
    }

    void hold(int chunk, Held held) {
        chunks.put(chunk, held);
    }

    /** Gives the checkpoint up and frees what was held; the first reason stays. */
    void fail(String reason) {
        if (failure == null) {
            failure = reason;
        }
        chunks.clear();
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
