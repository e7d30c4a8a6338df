package dev.weir.topology.coordinate;

import dev.weir.schemas.record.Staged;
import dev.weir.schemas.record.Staging;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The checkpoints that wait for their decision, and what each partition has of them by its acknowledgements. */
final class PendingBook {
    /** Decided checkpoints of each run whose late acknowledgements are told apart: more than a run has in flight. */
    private static final int REMEMBERED_DECISIONS = 64;

    private final int partitions;
    private final StateStore store;
    private final long startedMs;

    /** @param startedMs when this process began: no checkpoint is late for time before */
    PendingBook(int partitions, StateStore store, long startedMs) {
        this.partitions = partitions;
        this.store = store;
        this.startedMs = startedMs;
    }

    /** A partition has begun to receive a checkpoint. */
    void staging(Staging staging, long nowMs) {
        if (!decided(staging.getRun(), staging.getEpoch(), staging.getStep())) {
            of(staging.getRun(), staging.getEpoch(), staging.getStep(), nowMs);
        }
    }

    /**
     * A partition has its share of a checkpoint, which is added unless it failed.
     *
     * @return the checkpoint as it is now; null: it is decided already
     */
    State.@Nullable Pending staged(Staged staged, long nowMs) {
        if (decided(staged.getRun(), staged.getEpoch(), staged.getStep())) {
            return null;
        }
        State.Pending before = of(staged.getRun(), staged.getEpoch(), staged.getStep(), nowMs);
        if (!staged.getFailure().isEmpty()) {
            return before;
        }
        Map<Integer, State.Part> parts = new HashMap<>(before.parts());
        parts.put(
                staged.getPartition(),
                new State.Part(
                        Hex.of(staged.getLayoutHash()),
                        Hex.of(staged.getCheckpointDigest()),
                        staged.getEndTimestampMs(),
                        staged.getCompanions(),
                        staged.getRulesSeq()));
        State.Pending pending =
                new State.Pending(before.run(), before.epoch(), before.step(), before.firstSeenMs(), parts);
        store.put(key(pending), pending);
        return pending;
    }

    /** Whether every partition has its share. */
    boolean complete(State.Pending pending) {
        return pending.parts().size() == partitions;
    }

    /** Which partitions have not. */
    String missing(State.Pending pending) {
        TreeSet<Integer> missing = new TreeSet<>();
        for (int partition = 0; partition < partitions; partition++) {
            if (!pending.parts().containsKey(partition)) {
                missing.add(partition);
            }
        }
        return "partitions " + missing;
    }

    /** Those that are not complete and whose first record is older than the timeout. */
    List<State.Pending> late(long nowMs, long timeoutMs) {
        return store.values("pending/", State.Pending.class).stream()
                .filter(pending ->
                        !complete(pending) && nowMs - Math.max(pending.firstSeenMs(), startedMs) >= timeoutMs)
                .toList();
    }

    /** Those of a run's earlier epochs that are not complete. */
    List<State.Pending> before(String run, long epoch) {
        return store.values("pending/" + run + "/", State.Pending.class).stream()
                .filter(pending -> pending.epoch() < epoch && !complete(pending))
                .toList();
    }

    /** The oldest epoch of a run of which anything waits; {@code otherwise} if nothing does. */
    long oldestEpoch(String run, long otherwise) {
        return store.values("pending/" + run + "/", State.Pending.class).stream()
                .mapToLong(State.Pending::epoch)
                .min()
                .orElse(otherwise);
    }

    /** Every checkpoint that waits. */
    List<State.Pending> all() {
        return store.values("pending/", State.Pending.class);
    }

    /** Whether it waits still. */
    boolean waits(State.Pending pending) {
        return store.get(key(pending), State.Pending.class) != null;
    }

    /** It waits no longer; acknowledgements of it may still be on their way. */
    void forget(State.Pending pending) {
        store.delete(key(pending));
        String prefix = "decided/pending/" + pending.run() + "/";
        if (store.keys(prefix).size() >= REMEMBERED_DECISIONS) {
            store.deleteFirst(prefix);
        }
        store.put("decided/" + key(pending), true);
    }

    /** Whether it is decided already, for instance by another partition's failure. */
    boolean decided(String run, long epoch, long step) {
        return store.get("decided/" + key(run, epoch, step), Boolean.class) != null;
    }

    /** Under which it is kept. */
    static String key(State.Pending pending) {
        return key(pending.run(), pending.epoch(), pending.step());
    }

    private State.Pending of(String run, long epoch, long step, long nowMs) {
        State.Pending pending = store.get(key(run, epoch, step), State.Pending.class);
        if (pending == null) {
            pending = new State.Pending(run, epoch, step, nowMs, Map.of());
            store.put(key(pending), pending);
        }
        return pending;
    }

    private static String key(String run, long epoch, long step) {
        return "pending/" + run + "/" + StateStore.number(epoch) + "/" + StateStore.number(step);
    }
}
