package dev.weir.topology.merge;

import dev.weir.schemas.record.HeldChunk;
import dev.weir.schemas.record.KeyframeRun;
import dev.weir.schemas.record.Sha256;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A run's newest epoch as one partition knows it. Where its chunks may be differences, it keeps the base that they refer
 * to: the newest checkpoint of the epoch that was accepted.
 */
final class KnownRun {
    private final long epoch;
    private final Sha256 layoutHash;
    private final boolean deltas;
    private final ChunkPool pool;
    private final TreeMap<Integer, Held> base = new TreeMap<>();
    private long decidedStep = -1;
    private long baseStep = -1;
    private long baseSeq;

    KnownRun(long epoch, Sha256 layoutHash, boolean deltas, ChunkPool pool) {
        this.epoch = epoch;
        this.layoutHash = layoutHash;
        this.deltas = deltas;
        this.pool = pool;
    }

    /** As a keyframe has it; the bytes of its base come later. */
    KnownRun(KeyframeRun known, ChunkPool pool) {
        this(known.getEpoch(), known.getLayoutHash(), known.getDeltas(), pool);
        decidedStep = known.getDecidedStep();
        baseStep = known.getBaseStep();
        baseSeq = known.getBaseSeq();
        known.getBase()
                .forEach(chunk -> base.put(
                        chunk.getChunk(), Held.awaited(chunk.getCrc32c(), chunk.getOffset(), chunk.getAnchor())));
    }

    long epoch() {
        return epoch;
    }

    Sha256 layoutHash() {
        return layoutHash;
    }

    /** Whether chunks may be differences. */
    boolean deltas() {
        return deltas;
    }

    /** Newest step that was decided; -1: none. */
    long decidedStep() {
        return decidedStep;
    }

    void decided(long step) {
        decidedStep = Math.max(decidedStep, step);
    }

    /** Step of the base; -1: there is none. */
    long baseStep() {
        return baseStep;
    }

    /** Chunks of the base by number. */
    Map<Integer, Held> base() {
        return base;
    }

    /** Gives the memory of one chunk of the base back, which goes; nobody may share it any more. */
    void release(int number) {
        Held before = base.remove(number);
        if (before != null && !before.missing()) {
            pool.release(before.bytes());
        }
    }

    /** Makes an accepted checkpoint the base; its memory, too. Nobody else may share the base's any more. */
    void rebase(long step, long seq, StagedCheckpoint accepted) {
        accepted.chunks().forEach((number, held) -> {
            if (!held.shared()) {
                release(number);
            }
            base.put(number, held.own());
        });
        accepted.chunks().clear();
        baseStep = step;
        baseSeq = seq;
    }

    /** Number of the decision that accepted the base. */
    long baseSeq() {
        return baseSeq;
    }

    /** Gives the base's memory back; nobody may share it any more. */
    void release() {
        base.values().stream().filter(held -> !held.missing()).forEach(held -> pool.release(held.bytes()));
        base.clear();
        baseStep = -1;
    }

    KeyframeRun record(String name) {
        return new KeyframeRun(name, epoch, layoutHash, decidedStep, deltas, baseStep, baseSeq, records(base));
    }

    /** Chunks as a keyframe knows them. */
    static List<HeldChunk> records(Map<Integer, Held> chunks) {
        List<HeldChunk> records = new ArrayList<>();
        chunks.forEach((number, held) -> records.add(new HeldChunk(number, held.crc(), held.offset(), held.anchor())));
        return records;
    }
}
