package dev.weir.topology.merge;

import dev.weir.schemas.record.Chunk;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.KeyframeHead;
import dev.weir.schemas.record.KeyframeRun;
import dev.weir.schemas.record.Open;
import dev.weir.schemas.record.Sha256;
import dev.weir.schemas.record.StagedState;
import dev.weir.schemas.record.TensorLayout;
import dev.weir.schemas.tensor.Layout;
import dev.weir.topology.store.FoldException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The runs, their layouts and the checkpoints that wait, as a keyframe keeps them and as they are had again from one. */
final class Waiting {
    private final ChunkPool pool;
    private final Reload reload;
    private final TreeMap<String, KnownRun> runs = new TreeMap<>();
    private final Map<Sha256, Layout> layouts = new HashMap<>();
    private final LinkedHashMap<CheckpointId, StagedCheckpoint> staged = new LinkedHashMap<>();

    /** @param pool has the memory of chunks; full ones for which it has no room are left in the log */
    Waiting(ChunkIntake intake, ChunkPool pool) {
        this.pool = pool;
        this.reload = new Reload(intake, pool);
    }

    /** The runs by name. */
    Map<String, KnownRun> runs() {
        return runs;
    }

    /** Every layout that was announced: a closed checkpoint may have one that its run has left. */
    Map<Sha256, Layout> layouts() {
        return layouts;
    }

    /**
     * Forgets layouts that no run has any more, nothing that waits, and no average.
     *
     * @param ofAverages hashes of the layouts that channels have
     */
    void forgetLayouts(Set<Sha256> ofAverages) {
        // Few are more than there are runs; and what waits of an epoch that its run has left has a layout of its own.
        if (layouts.size() <= runs.size() + ofAverages.size()
                || !staged.keySet().stream().allMatch(this::isOfNewestEpoch)) {
            return;
        }
        Set<Sha256> ofRuns = runs.values().stream().map(KnownRun::layoutHash).collect(Collectors.toSet());
        layouts.keySet().removeIf(hash -> !ofAverages.contains(hash) && !ofRuns.contains(hash));
    }

    private boolean isOfNewestEpoch(CheckpointId id) {
        KnownRun run = runs.get(id.run());
        return run != null && run.epoch() == id.epoch();
    }

    /** What waits for its decision, oldest first. */
    Map<CheckpointId, StagedCheckpoint> staged() {
        return staged;
    }

    /** The runs for a keyframe, in order of their names. */
    List<KeyframeRun> runRecords() {
        List<KeyframeRun> records = new ArrayList<>();
        runs.forEach((name, run) -> records.add(run.record(name)));
        return records;
    }

    /** What waits, for a keyframe, oldest first. */
    List<StagedState> stagedRecords() {
        List<StagedState> states = new ArrayList<>();
        staged.forEach((id, checkpoint) -> {
            String failure = checkpoint.failure();
            states.add(new StagedState(
                    id.run(),
                    id.epoch(),
                    id.step(),
                    failure == null ? "" : failure,
                    checkpoint.ended(),
                    KnownRun.records(checkpoint.chunks()),
                    checkpoint.companions(),
                    checkpoint.rulesSeq()));
        });
        return states;
    }

    /** The layouts for a keyframe, in order of hashes. */
    List<TensorLayout> layoutRecords() {
        return new TreeMap<>(layouts).values().stream().map(Layout::toRecord).toList();
    }

    /** Oldest offset from which what waits and what it may refer to can be had again; {@code otherwise} if nothing is. */
    long oldestOffset(long otherwise) {
        Stream<Held> waiting = staged.values().stream().flatMap(checkpoint -> checkpoint.chunks().values().stream());
        Stream<Held> bases = runs.values().stream().flatMap(run -> run.base().values().stream());
        return Stream.concat(waiting, bases).mapToLong(Held::anchor).min().orElse(otherwise);
    }

    /** Takes over what a keyframe knew; the bytes of chunks follow by {@link #reload}. */
    void resume(KeyframeHead head) {
        for (TensorLayout known : head.getLayouts()) {
            Layout layout = Layout.fromRecord(known);
            layouts.put(layout.hashRecord(), layout);
        }
        head.getRuns().forEach(run -> runs.put(run.getRun(), new KnownRun(run, pool)));
        for (StagedState state : head.getStaged()) {
            StagedCheckpoint checkpoint = new StagedCheckpoint(pool, state.getRulesSeq());
            if (!state.getFailure().isEmpty()) {
                checkpoint.fail(state.getFailure());
            }
            if (state.getEnded()) {
                checkpoint.end(state.getCompanions());
            }
            state.getChunks()
                    .forEach(chunk -> checkpoint.hold(
                            chunk.getChunk(), Held.awaited(chunk.getCrc32c(), chunk.getOffset(), chunk.getAnchor())));
            staged.put(new CheckpointId(state.getRun(), state.getEpoch(), state.getStep()), checkpoint);
        }
    }

    /** A chunk from before the keyframe: its bytes are filled in where the keyframe knew of it. */
    void reload(Chunk chunk, long offset) {
        StagedCheckpoint checkpoint = staged.get(new CheckpointId(chunk.getRun(), chunk.getEpoch(), chunk.getStep()));
        KnownRun run = runs.get(chunk.getRun());
        Layout layout = layouts.get(chunk.getLayoutHash());
        KnownRun current = run != null && run.epoch() == chunk.getEpoch() ? run : null;
        boolean refused = current != null && !chunk.getLayoutHash().equals(current.layoutHash());
        boolean referredTo = (current != null && current.deltas()) || waits(chunk.getRun(), chunk.getEpoch());
        if (layout == null || refused || !referredTo) {
            return;
        }
        if (chunk.getChunk() >= layout.chunkCount()) {
            if (checkpoint != null) {
                // A companion travels in full, and where it is known it was looked at.
                fill(checkpoint.chunks(), chunk.getChunk(), offset, MemorySegment.ofBuffer(chunk.getPayload()));
            }
            return;
        }
        MemorySegment bytes = reload.chunk(chunk, layout);
        if (bytes == null) {
            return;
        }
        if (checkpoint != null) {
            fill(checkpoint.chunks(), chunk.getChunk(), offset, bytes);
        }
        if (current != null) {
            fill(current.base(), chunk.getChunk(), offset, bytes);
        }
    }

    /** An epoch that begins before the keyframe: what was written of it earlier was dropped. */
    void reload(Open open) {
        reload.opened(open);
    }

    private boolean waits(String run, long epoch) {
        return staged.keySet().stream().anyMatch(id -> id.run().equals(run) && id.epoch() == epoch);
    }

    /** A decision from before the keyframe. */
    void reload(Decision decision) {
        reload.decided(decision);
    }

    private void fill(Map<Integer, Held> chunks, int number, long offset, MemorySegment bytes) {
        Held known = chunks.get(number);
        if (known == null || !known.missing() || known.offset() != offset) {
            return;
        }
        boolean left = known.anchor() == offset && !pool.hasRoom(bytes.byteSize());
        chunks.put(number, left ? Held.spilled(known.crc(), offset, known.finite()) : known.with(pool.copy(bytes)));
    }

    /** @throws FoldException when bytes that a keyframe knew were not in the log */
    void checkReloaded() {
        reload.close();
        staged.forEach((id, checkpoint) -> checkReloaded(describe(id, "chunk "), checkpoint.chunks()));
        runs.forEach((name, run) ->
                checkReloaded(describe(new CheckpointId(name, run.epoch(), run.baseStep()), "chunk "), run.base()));
    }

    private static void checkReloaded(String what, Map<Integer, Held> chunks) {
        chunks.forEach((number, held) -> {
            if (held.missing() && !held.spilled()) {
                throw new FoldException(
                        what + number + ": the keyframe says that it lies at offset " + held.offset()
                                + " and can be decoded from offset " + held.anchor()
                                + " on, and it can not",
                        "bring the keyframes topic back from a replica or a backup");
            }
        });
    }

    static String describe(CheckpointId id, String what) {
        return "run " + id.run() + " epoch " + id.epoch() + " step " + id.step() + " " + what;
    }
}
