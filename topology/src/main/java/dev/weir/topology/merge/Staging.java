package dev.weir.topology.merge;

import dev.weir.operators.TensorPolicy;
import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.delta.Encoding;
import dev.weir.schemas.record.Chunk;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.End;
import dev.weir.schemas.record.Sha256;
import dev.weir.schemas.record.Staged;
import dev.weir.schemas.tensor.Companions;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.topology.store.Counters;
import dev.weir.topology.store.FoldException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What trainers wrote and nobody has decided on yet, as far as its epoch may be written ({@link Epochs}).
 */
final class Staging implements AutoCloseable {
    private static final Sha256 NO_DIGEST = new Sha256(new byte[32]);

    private final int partition;
    private final int partitions;
    private final Counters counters;
    private final ChunkPool pool;
    private final ChunkIntake intake;
    private final SpilledChunks spilled;
    private final Waiting waiting;
    private final Epochs epochs;

    /** Uses a chunk of a checkpoint. */
    interface ChunkUse {
        /** @param held with its bytes, which are the pool's and this one's until it returns */
        void take(int number, Held held);
    }

    /**
     * @param policies what becomes of a tensor under the plan in force
     * @param rulesSeq number of the plan since which that is so
     * @param pool closed with this
     */
    Staging(
            int partition,
            int partitions,
            Kernel kernel,
            Counters counters,
            Function<TensorSpec, TensorPolicy> policies,
            LongSupplier rulesSeq,
            ChunkPool pool,
            Refetch log,
            RecordCodec codec) {
        this.pool = pool;
        this.partition = partition;
        this.partitions = partitions;
        this.counters = counters;
        this.intake = new ChunkIntake(partition, partitions, kernel, policies, pool);
        this.spilled = new SpilledChunks(log, codec, pool);
        this.waiting = new Waiting(intake, pool);
        this.epochs = new Epochs(partition, counters, pool, waiting, rulesSeq);
    }

    /** Everything that this holds, for keyframes. */
    Waiting waiting() {
        return waiting;
    }

    /** What may be written. */
    Epochs epochs() {
        return epochs;
    }

    /** @param atOnce uses it before its decision has come; null: it waits for that */
    void chunk(Chunk chunk, long offset, FoldOutput out, @Nullable ChunkUse atOnce) {
        CheckpointId id = new CheckpointId(chunk.getRun(), chunk.getEpoch(), chunk.getStep());
        StagedCheckpoint checkpoint = epochs.admit(id, "chunk " + chunk.getChunk(), out);
        if (checkpoint == null) {
            return;
        }
        switch (take(id, checkpoint, chunk, offset)) {
            case ChunkIntake.Result.Sound sound -> {
                checkpoint.hold(chunk.getChunk(), sound.held());
                counters.add("chunks");
                // Live, what keeps its memory anyway is folded together with the next checkpoint's.
                if (atOnce != null && !(out.emits() && run(chunk.getRun()).deltas())) {
                    enter(chunk, checkpoint, sound.held(), atOnce);
                }
            }
            case ChunkIntake.Result.Known known -> counters.add("duplicates");
            case ChunkIntake.Result.Refused refused -> {
                checkpoint.fail(refused.reason());
                counters.add("chunks-refused");
                out.dropped("refused", Waiting.describe(id, "chunk " + chunk.getChunk()) + ": " + refused.reason());
                ack(id, checkpoint, chunk.getLayoutHash(), NO_DIGEST, -1, out);
            }
        }
    }

    /** Its use has it now, and nobody needs its bytes any more but differences, or who looks it up in the log. */
    private void enter(Chunk chunk, StagedCheckpoint checkpoint, Held held, ChunkUse use) {
        int number = chunk.getChunk();
        boolean full = chunk.getEncoding() == Encoding.FULL.number();
        boolean referredTo = run(chunk.getRun()).deltas();
        if (number >= layout(chunk.getLayoutHash()).chunkCount() || (held.spilled() && (!full || referredTo))) {
            return;
        }
        MemorySegment bytes = held.spilled() ? pool.copy(MemorySegment.ofBuffer(chunk.getPayload())) : held.bytes();
        use.take(number, held.spilled() ? held.reread(bytes) : held);
        checkpoint.entered(number);
        if (full && !referredTo) {
            checkpoint.hold(number, held.left());
            pool.release(bytes);
        }
    }

    private ChunkIntake.Result take(CheckpointId id, StagedCheckpoint checkpoint, Chunk chunk, long offset) {
        KnownRun run = run(id.run());
        if (!chunk.getLayoutHash().equals(run.layoutHash())) {
            return new ChunkIntake.Result.Refused(
                    "layout: chunk " + chunk.getChunk() + " names another layout than the open of epoch " + id.epoch());
        }
        Held base = run.base().get(chunk.getChunk());
        boolean refers = chunk.getEncoding() != Encoding.FULL.number() && chunk.getBaseStep() == run.baseStep();
        Held baseHere = refers ? spilled.fetch(base) : base;
        Held known = checkpoint.chunks().get(chunk.getChunk());
        Held knownHere = spilled.fetch(known);
        ChunkIntake.Result result = intake.take(chunk, offset, run, baseHere, layout(chunk.getLayoutHash()), knownHere);
        spilled.release(known, knownHere);
        spilled.release(base, baseHere);
        // What it equals is given back.
        return baseHere != base
                        && result instanceof ChunkIntake.Result.Sound sound
                        && sound.held().shared()
                ? new ChunkIntake.Result.Sound(sound.held().left())
                : result;
    }

    void end(End end, long timestampMs, FoldOutput out) {
        CheckpointId id = new CheckpointId(end.getRun(), end.getEpoch(), end.getStep());
        StagedCheckpoint checkpoint = epochs.admit(id, "end", out);
        if (checkpoint == null) {
            return;
        }
        counters.add("ended");
        if (!end.getLayoutHash().equals(run(id.run()).layoutHash())) {
            checkpoint.fail("layout: the end names another layout than the open of epoch " + id.epoch());
        } else if (end.getPartition() != partition) {
            checkpoint.fail("end: it is of partition " + end.getPartition() + " and stands in partition " + partition);
        } else if (checkpoint.chunks().size() != end.getChunks()) {
            checkpoint.fail("incomplete: partition " + partition + " holds "
                    + checkpoint.chunks().size() + " of " + end.getChunks() + " chunks");
        } else if (!Companions.refusal(end.getCompanions()).isEmpty()) {
            checkpoint.fail("companion: " + Companions.refusal(end.getCompanions()));
        } else if (chunksOf(end) != end.getChunks() || checkpoint.lastNumber() >= numbersOf(end)) {
            checkpoint.fail("incomplete: partition " + partition + " was given " + end.getChunks()
                    + " chunks, the layout with companions " + end.getCompanions() + " has " + chunksOf(end)
                    + ", numbered below " + numbersOf(end));
        } else if (!checkpoint.digest().equals(end.getDigest())) {
            checkpoint.fail("digest: the chunks in partition " + partition + " are not those that the end names");
        }
        checkpoint.end(checkpoint.failure() == null ? end.getCompanions() : List.of());
        ack(id, checkpoint, end.getLayoutHash(), end.getCheckpointDigest(), timestampMs, out);
    }

    /** Chunks of a checkpoint with these companions in this partition; those of the weights alone where not even they came. */
    private int chunksOf(End end) {
        Layout layout = layout(end.getLayoutHash());
        int weights = layout.chunksIn(partition, partitions);
        int companions = end.getCompanions().size();
        return companions == 0 || end.getChunks() < weights
                ? weights
                : weights + companions * Companions.chunksIn(layout, partition, partitions);
    }

    private long numbersOf(End end) {
        return (1L + end.getCompanions().size()) * layout(end.getLayoutHash()).chunkCount();
    }

    /** Bytes off the heap for what waits. */
    long bytes() {
        return pool.bytes();
    }

    @Override
    public void close() {
        spilled.close();
        intake.close();
        pool.close();
    }

    /**
     * Removes and returns what is staged for the decision; null if this partition holds nothing of it. Whoever asks releases
     * it.
     */
    @Nullable
    StagedCheckpoint take(Decision decision) {
        KnownRun run = waiting.runs().get(decision.getRun());
        if (run != null && run.epoch() == decision.getEpoch()) {
            run.decided(decision.getStep());
        }
        return waiting.staged().remove(new CheckpointId(decision.getRun(), decision.getEpoch(), decision.getStep()));
    }

    /** Lets chunks of a checkpoint that waits be looked at, in no order. */
    void look(Map<Integer, Held> chunks, ChunkUse use) {
        chunks.forEach((number, held) -> {
            if (!held.spilled()) {
                use.take(number, held);
            }
        });
        spilled.each(chunks, (number, held, bytes) -> {
            use.take(number, held.reread(bytes));
            pool.release(bytes);
        });
    }

    /** The companions of a checkpoint that is about to be accepted; closed when its chunks are used. */
    CompanionChunks companions(StagedCheckpoint checkpoint, Layout layout) {
        return new CompanionChunks(checkpoint, layout, spilled);
    }

    /**
     * Gives every chunk of an accepted checkpoint's weights that has not entered yet to its use, in no order: first those that
     * are in memory, then those that were left in the log, one after another. Then keeps it where others may refer to it, as far
     * as the budget has room for what was left in the log, and gives its memory back where none does.
     */
    void accept(Decision decision, StagedCheckpoint checkpoint, Layout layout, ChunkUse use) {
        Map<Integer, Held> outside = checkpoint.outside(layout);
        outside.forEach((number, held) -> {
            if (!held.spilled()) {
                use.take(number, held);
            }
        });
        KnownRun run = waiting.runs().get(decision.getRun());
        KnownRun rebased =
                run != null && run.deltas() && run.epoch() == decision.getEpoch() && decision.getStep() > run.baseStep()
                        ? run
                        : null;
        if (rebased != null) {
            epochs.ownBefore(decision.getRun());
        }
        spilled.each(outside, (number, held, bytes) -> {
            use.take(number, held.reread(bytes));
            if (rebased != null && !held.shared()) {
                rebased.release(number);
            }
            if (rebased != null && !held.shared() && pool.hasRoom(0)) {
                checkpoint.hold(number, held.with(bytes));
            } else {
                pool.release(bytes);
            }
        });
        if (rebased != null) {
            checkpoint.releaseCompanions(layout);
            rebased.rebase(decision.getStep(), decision.getSeq(), checkpoint);
        } else {
            checkpoint.release();
        }
    }

    Layout layout(Sha256 hash) {
        Layout layout = waiting.layouts().get(hash);
        if (layout == null) {
            throw new FoldException("a decision names a layout that no open in the log before it announced");
        }
        return layout;
    }

    /** The run of a checkpoint that was admitted. */
    private KnownRun run(String name) {
        return Objects.requireNonNull(waiting.runs().get(name), name);
    }

    private void ack(
            CheckpointId id,
            StagedCheckpoint checkpoint,
            Sha256 layoutHash,
            Sha256 digest,
            long endMs,
            FoldOutput out) {
        String failure = checkpoint.failure();
        out.ack(Staged.newBuilder()
                .setPartition(partition)
                .setRun(id.run())
                .setEpoch(id.epoch())
                .setStep(id.step())
                .setLayoutHash(layoutHash)
                .setChunks(checkpoint.chunks().size())
                .setDigest(checkpoint.digest())
                .setCheckpointDigest(digest)
                .setFailure(failure == null ? "" : failure)
                .setEndTimestampMs(endMs)
                .setCompanions(checkpoint.companions())
                .setRulesSeq(checkpoint.rulesSeq())
                .build());
    }

    private void drop(String reason, String detail, FoldOutput out) {
        counters.add(reason);
        out.dropped(reason, detail);
    }
}
