package dev.weir.topology.merge;

import dev.weir.schemas.record.Sha256;
import dev.weir.schemas.tensor.PartDigest;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The chunks of one checkpoint that this partition holds until the decision. */
final class StagedCheckpoint {
    private final ChunkPool pool;
    private final TreeMap<Integer, Held> chunks = new TreeMap<>();
    private @Nullable String failure;
    private boolean ended;

    StagedCheckpoint(ChunkPool pool) {
        this.pool = pool;
    }

    /** Chunks by number, in order. */
    Map<Integer, Held> chunks() {
        return chunks;
    }

    /** Takes a chunk, and the bytes with it unless they are shared. */
    void hold(int chunk, Held held) {
        chunks.put(chunk, held);
    }

    /** Copies what belongs to the run's base, which is about to go. */
    void own() {
        chunks.replaceAll((number, held) -> {
            if (!held.shared()) {
                return held;
            }
            return held.spilled() ? held.own() : held.with(pool.copy(held.bytes()));
        });
    }

    /** Gives the memory back; nothing is held any more. */
    void release() {
        for (Held held : chunks.values()) {
            if (!held.missing() && !held.shared()) {
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
