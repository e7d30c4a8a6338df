package dev.weir.topology.merge;

import dev.weir.schemas.record.Sha256;
import dev.weir.schemas.tensor.Companions;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.PartDigest;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The chunks of one checkpoint that this partition holds until the decision. */
final class StagedCheckpoint {
    private final ChunkPool pool;
    private final long rulesSeq;
    private final TreeMap<Integer, Held> chunks = new TreeMap<>();
    private final Set<Integer> entered = new HashSet<>();
    private @Nullable String failure;
    private boolean ended;
    private List<String> companions = List.of();

    /** @param rulesSeq of the plan by whose rules for tensors its first chunks are looked at */
    StagedCheckpoint(ChunkPool pool, long rulesSeq) {
        this.pool = pool;
        this.rulesSeq = rulesSeq;
    }

    long rulesSeq() {
        return rulesSeq;
    }

    /** Chunks by number, in order, those of companions behind those of the weights; see {@link Companions}. */
    Map<Integer, Held> chunks() {
        return chunks;
    }

    /** Those of the weights. */
    Map<Integer, Held> weights(Layout layout) {
        return chunks.headMap(layout.chunkCount());
    }

    /** Those of a companion by their numbers, which begin with this one. */
    Map<Integer, Held> companion(Layout layout, int first) {
        return chunks.subMap(first, first + layout.chunkCount());
    }

    /** The number with which a companion's chunks begin; -1: the checkpoint has none of that name. */
    int firstOf(Layout layout, String companion) {
        int index = companions.indexOf(companion);
        return index < 0 ? -1 : Companions.number(layout, index + 1, 0);
    }

    /** Largest number of a chunk; -1: there is none. */
    int lastNumber() {
        return chunks.isEmpty() ? -1 : chunks.lastKey();
    }

    /** Takes a chunk, and the bytes with it unless they are shared. */
    void hold(int chunk, Held held) {
        chunks.put(chunk, held);
    }

    /** A chunk is in the averages before its decision has come. */
    void entered(int chunk) {
        entered.add(chunk);
    }

    /** Chunks of the weights that are not in the averages. */
    Map<Integer, Held> outside(Layout layout) {
        Map<Integer, Held> outside = new TreeMap<>(weights(layout));
        outside.keySet().removeAll(entered);
        return outside;
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
        release(chunks);
    }

    /** Gives the memory of the companions back. */
    void releaseCompanions(Layout layout) {
        release(chunks.tailMap(layout.chunkCount()));
    }

    private void release(Map<Integer, Held> some) {
        for (Held held : some.values()) {
            if (!held.missing() && !held.shared()) {
                pool.release(held.bytes());
            }
        }
        some.clear();
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

    /** @param names of its companions, in the order of their numbers */
    void end(List<String> names) {
        ended = true;
        companions = List.copyOf(names);
    }

    /** Names of its companions; none before its end. */
    List<String> companions() {
        return companions;
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
