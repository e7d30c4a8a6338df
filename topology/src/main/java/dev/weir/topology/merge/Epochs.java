package dev.weir.topology.merge;

import dev.weir.schemas.record.Open;
import dev.weir.schemas.record.Opened;
import dev.weir.schemas.record.Staging;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.Provenance;
import dev.weir.topology.store.Counters;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Who may write: epochs fence by log order. A record of an older epoch than the newest OPEN before it is dropped; within an epoch the
 * steps of a run grow.
 */
final class Epochs {
    private final int partition;
    private final Counters counters;
    private final ChunkPool pool;
    private final Waiting waiting;
    private final LongSupplier rulesSeq;

    /** @param rulesSeq number of the plan whose rules for tensors are in force */
    Epochs(int partition, Counters counters, ChunkPool pool, Waiting waiting, LongSupplier rulesSeq) {
        this.partition = partition;
        this.counters = counters;
        this.pool = pool;
        this.waiting = waiting;
        this.rulesSeq = rulesSeq;
    }

    /** Fences older epochs; what they staged is forgotten unless it is closed, for then a decision may be on its way. */
    void open(Open open, FoldOutput out) {
        KnownRun known = waiting.runs().get(open.getRun());
        if (known != null && open.getEpoch() <= known.epoch()) {
            drop(
                    "fenced",
                    "open of epoch " + open.getEpoch() + " of run " + open.getRun() + " behind epoch " + known.epoch(),
                    out);
            return;
        }
        Layout layout;
        try {
            layout = Layout.fromRecord(open.getLayout());
        } catch (IllegalArgumentException invalid) {
            drop("bad-layout", "run " + open.getRun() + ": " + invalid.getMessage(), out);
            return;
        }
        if (!layout.refusal().isEmpty()) {
            drop("bad-layout", "run " + open.getRun() + ": " + layout.refusal(), out);
            return;
        }
        if (!layout.hashRecord().equals(open.getLayoutHash())) {
            drop("bad-layout", "run " + open.getRun() + ": the layout does not have the hash that its open names", out);
            return;
        }
        String unsound = Provenance.refusal(open.getProvenance());
        if (!unsound.isEmpty()) {
            drop("bad-provenance", "run " + open.getRun() + ": " + unsound, out);
            return;
        }
        counters.add("opened");
        waiting.layouts().put(open.getLayoutHash(), layout);
        if (known != null) {
            ownBefore(open.getRun());
            known.release();
        }
        waiting.runs().put(open.getRun(), new KnownRun(open.getEpoch(), open.getLayoutHash(), open.getDeltas(), pool));
        waiting.staged().entrySet().removeIf(entry -> {
            boolean forgotten = entry.getKey().run().equals(open.getRun())
                    && !entry.getValue().closed();
            if (forgotten) {
                entry.getValue().release();
            }
            return forgotten;
        });
        Opened.Builder ack = Opened.newBuilder()
                .setPartition(partition)
                .setRun(open.getRun())
                .setEpoch(open.getEpoch())
                .setLayoutHash(open.getLayoutHash());
        // The coordinator needs it once.
        out.ack((partition == 0
                        ? ack.setLayout(open.getLayout()).setProvenance(open.getProvenance())
                        : ack.setLayout(null))
                .build());
    }

    /** The checkpoint that a record belongs to, begun if it is its first; null: it was dropped. */
    @Nullable
    StagedCheckpoint admit(CheckpointId id, String what, FoldOutput out) {
        KnownRun run = waiting.runs().get(id.run());
        if (run == null || id.epoch() > run.epoch()) {
            drop("not-opened", Waiting.describe(id, what) + ": no open of this epoch lies before it", out);
            return null;
        }
        if (id.epoch() < run.epoch()) {
            drop("fenced", Waiting.describe(id, what) + ": epoch " + run.epoch() + " is open", out);
            return null;
        }
        StagedCheckpoint checkpoint = waiting.staged().get(id);
        if (id.step() <= run.decidedStep() || (checkpoint != null && checkpoint.closed())) {
            drop("late", Waiting.describe(id, what) + ": the checkpoint is closed or decided", out);
            return null;
        }
        if (checkpoint == null) {
            checkpoint = new StagedCheckpoint(pool, rulesSeq.getAsLong());
            waiting.staged().put(id, checkpoint);
            out.ack(Staging.newBuilder()
                    .setPartition(partition)
                    .setRun(id.run())
                    .setEpoch(id.epoch())
                    .setStep(id.step())
                    .build());
        }
        return checkpoint;
    }

    /**
     * Gives up the bases of runs of which nothing was accepted for long: nothing says that a run has ended, and a base holds
     * memory, and the log back to its anchor.
     */
    void forgetBasesBefore(long seq) {
        waiting.runs().forEach((name, run) -> {
            if (run.baseStep() >= 0 && run.baseSeq() < seq) {
                ownBefore(name);
                run.release();
            }
        });
    }

    /** Whatever else waits must not share the base of its run, which goes. */
    void ownBefore(String run) {
        waiting.staged().forEach((id, checkpoint) -> {
            if (id.run().equals(run)) {
                checkpoint.own();
            }
        });
    }

    private void drop(String reason, String detail, FoldOutput out) {
        counters.add(reason);
        out.dropped(reason, detail);
    }
}
