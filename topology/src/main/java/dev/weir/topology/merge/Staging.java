package dev.weir.topology.merge;

import dev.weir.operators.TensorPolicy;
import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.record.Chunk;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.End;
import dev.weir.schemas.record.KeyframeHead;
import dev.weir.schemas.record.KeyframeRun;
import dev.weir.schemas.record.Open;
import dev.weir.schemas.record.Opened;
import dev.weir.schemas.record.Sha256;
import dev.weir.schemas.record.Staged;
import dev.weir.schemas.record.StagedChunk;
import dev.weir.schemas.record.StagedState;
import dev.weir.schemas.record.TensorLayout;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Crc;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import dev.weir.topology.store.Counters;
import dev.weir.topology.store.FoldException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What trainers wrote and nobody has decided on yet. Epochs fence by log order: a record of an older epoch than the
 * newest OPEN before it is dropped. Within an epoch the steps of a run grow.
 */
final class Staging implements AutoCloseable {
    private static final Sha256 NO_DIGEST = new Sha256(new byte[32]);

    /** A run as this partition knows it. */
    private record Run(long epoch, Sha256 layoutHash, long decidedStep) {}

    private final int partition;
    private final int partitions;
    private final Kernel kernel;
    private final Counters counters;
    private final Channels channels;
    private final ChunkPool pool = new ChunkPool();
    private final Map<String, Run> runs = new HashMap<>();
    private final Map<Sha256, Layout> layouts = new HashMap<>();
    private final Map<CheckpointId, StagedCheckpoint> staged = new LinkedHashMap<>();

    Staging(int partition, int partitions, Kernel kernel, Counters counters, Channels channels) {
        this.partition = partition;
        this.partitions = partitions;
        this.kernel = kernel;
        this.counters = counters;
        this.channels = channels;
    }

    /** Fences older epochs; what they staged is forgotten unless it is closed, for then a decision may be on its way. */
    void open(Open open, FoldOutput out) {
        Run known = runs.get(open.getRun());
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
        if (!layout.hashRecord().equals(open.getLayoutHash())) {
            drop("bad-layout", "run " + open.getRun() + ": the layout does not have the hash that its open names", out);
            return;
        }
        counters.add("opened");
        layouts.put(open.getLayoutHash(), layout);
        runs.put(open.getRun(), new Run(open.getEpoch(), open.getLayoutHash(), -1));
        staged.entrySet().removeIf(entry -> {
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
        out.ack((partition == 0 ? ack.setLayout(open.getLayout()) : ack.setLayout(null)).build());
    }

    void chunk(Chunk chunk, long offset, FoldOutput out) {
        CheckpointId id = new CheckpointId(chunk.getRun(), chunk.getEpoch(), chunk.getStep());
        StagedCheckpoint checkpoint = admit(id, "chunk " + chunk.getChunk(), out);
        if (checkpoint == null) {
            return;
        }
        String failure = hold(id, checkpoint, chunk, offset);
        if (failure != null) {
            checkpoint.fail(failure);
            counters.add("chunks-refused");
            out.dropped("refused", describe(id, "chunk " + chunk.getChunk()) + ": " + failure);
            ack(id, checkpoint, chunk.getLayoutHash(), NO_DIGEST, -1, out);
        }
    }

    void end(End end, long timestampMs, FoldOutput out) {
        CheckpointId id = new CheckpointId(end.getRun(), end.getEpoch(), end.getStep());
        StagedCheckpoint checkpoint = admit(id, "end", out);
        if (checkpoint == null) {
            return;
        }
        counters.add("ended");
        Run run = runs.get(id.run());
        if (run != null && !end.getLayoutHash().equals(run.layoutHash())) {
            checkpoint.fail("layout: the end names another layout than the open of epoch " + id.epoch());
        } else if (end.getPartition() != partition) {
            checkpoint.fail("end: it is of partition " + end.getPartition() + " and stands in partition " + partition);
        } else if (checkpoint.chunks().size() != end.getChunks()) {
            checkpoint.fail("incomplete: partition " + partition + " holds "
                    + checkpoint.chunks().size() + " of " + end.getChunks() + " chunks");
        } else if (layout(end.getLayoutHash()).chunksIn(partition, partitions) != end.getChunks()) {
            checkpoint.fail("incomplete: partition " + partition + " was given " + end.getChunks()
                    + " chunks, the layout has " + layout(end.getLayoutHash()).chunksIn(partition, partitions));
        } else if (!checkpoint.digest().equals(end.getDigest())) {
            checkpoint.fail("digest: the chunks in partition " + partition + " are not those that the end names");
        }
        checkpoint.end();
        ack(id, checkpoint, end.getLayoutHash(), end.getCheckpointDigest(), timestampMs, out);
    }

    /** Bytes off the heap for what waits. */
    long bytes() {
        return pool.bytes();
    }

    @Override
    public void close() {
        pool.close();
    }

    /**
     * Removes and returns what is staged for the decision; null if this partition holds nothing of it. Whoever asks releases
     * it.
     */
    @Nullable
    StagedCheckpoint take(Decision decision) {
        Run run = runs.get(decision.getRun());
        if (run != null && run.epoch() == decision.getEpoch()) {
            long decided = Math.max(run.decidedStep(), decision.getStep());
            runs.put(decision.getRun(), new Run(run.epoch(), run.layoutHash(), decided));
        }
        return staged.remove(new CheckpointId(decision.getRun(), decision.getEpoch(), decision.getStep()));
    }

    /** The runs, in order of their names. */
    List<KeyframeRun> runs() {
        return runs.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(run -> new KeyframeRun(
                        run.getKey(),
                        run.getValue().epoch(),
                        run.getValue().layoutHash(),
                        run.getValue().decidedStep()))
                .toList();
    }

    /** What waits for its decision, oldest first. */
    List<StagedState> states() {
        List<StagedState> states = new ArrayList<>();
        staged.forEach((id, checkpoint) -> {
            List<StagedChunk> chunks = new ArrayList<>();
            checkpoint
                    .chunks()
                    .forEach((number, held) -> chunks.add(new StagedChunk(number, held.crc(), held.offset())));
            String failure = checkpoint.failure();
            states.add(new StagedState(
                    id.run(), id.epoch(), id.step(), failure == null ? "" : failure, checkpoint.ended(), chunks));
        });
        return states;
    }

    /** Offset of the oldest chunk that waits for its decision; {@code otherwise} if none does. */
    long oldestOffset(long otherwise) {
        return staged.values().stream()
                .flatMap(checkpoint -> checkpoint.chunks().values().stream())
                .mapToLong(StagedCheckpoint.Held::offset)
                .min()
                .orElse(otherwise);
    }

    /** Takes over what a keyframe knew; the bytes of chunks follow by {@link #reload}. */
    void resume(KeyframeHead head) {
        for (TensorLayout known : head.getLayouts()) {
            Layout layout = Layout.fromRecord(known);
            layouts.put(layout.hashRecord(), layout);
        }
        head.getRuns()
                .forEach(run ->
                        runs.put(run.getRun(), new Run(run.getEpoch(), run.getLayoutHash(), run.getDecidedStep())));
        for (StagedState state : head.getStaged()) {
            StagedCheckpoint checkpoint = new StagedCheckpoint(pool);
            if (!state.getFailure().isEmpty()) {
                checkpoint.fail(state.getFailure());
            }
            if (state.getEnded()) {
                checkpoint.end();
            }
            state.getChunks()
                    .forEach(chunk -> checkpoint.await(chunk.getChunk(), chunk.getCrc32c(), chunk.getOffset()));
            staged.put(new CheckpointId(state.getRun(), state.getEpoch(), state.getStep()), checkpoint);
        }
    }

    /** Fills in the bytes of a chunk that a keyframe knew, if it is one. */
    void reload(Chunk chunk, long offset) {
        StagedCheckpoint checkpoint = staged.get(new CheckpointId(chunk.getRun(), chunk.getEpoch(), chunk.getStep()));
        StagedCheckpoint.Held known =
                checkpoint == null ? null : checkpoint.chunks().get(chunk.getChunk());
        if (checkpoint != null && known != null && known.offset() == offset) {
            checkpoint.hold(chunk.getChunk(), known.crc(), chunk.getPayload(), offset);
        }
    }

    /** @throws FoldException when bytes that a keyframe knew were not in the log */
    void checkReloaded() {
        staged.forEach((id, checkpoint) -> checkpoint.chunks().forEach((number, held) -> {
            if (held.missing()) {
                throw new FoldException(describe(id, "chunk " + number) + ": the keyframe says that it lies at offset "
                        + held.offset() + ", and it does not; bring the keyframes topic back from a replica"
                        + " or a backup");
            }
        }));
    }

    /** Every layout that was announced, in order of hashes: a closed checkpoint may have one that its run has left. */
    List<TensorLayout> layouts() {
        return new TreeMap<>(layouts).values().stream().map(Layout::toRecord).toList();
    }

    Layout layout(Sha256 hash) {
        Layout layout = layouts.get(hash);
        if (layout == null) {
            throw new FoldException("a decision names a layout that no open in the log before it announced");
        }
        return layout;
    }

    private @Nullable StagedCheckpoint admit(CheckpointId id, String what, FoldOutput out) {
        Run run = runs.get(id.run());
        if (run == null || id.epoch() > run.epoch()) {
            drop("not-opened", describe(id, what) + ": no open of this epoch lies before it", out);
            return null;
        }
        if (id.epoch() < run.epoch()) {
            drop("fenced", describe(id, what) + ": epoch " + run.epoch() + " is open", out);
            return null;
        }
        StagedCheckpoint checkpoint = staged.get(id);
        if (id.step() <= run.decidedStep() || (checkpoint != null && checkpoint.closed())) {
            drop("late", describe(id, what) + ": the checkpoint is closed or decided", out);
            return null;
        }
        if (checkpoint == null) {
            checkpoint = new StagedCheckpoint(pool);
            staged.put(id, checkpoint);
            out.ack(dev.weir.schemas.record.Staging.newBuilder()
                    .setPartition(partition)
                    .setRun(id.run())
                    .setEpoch(id.epoch())
                    .setStep(id.step())
                    .build());
        }
        return checkpoint;
    }

    /** Null when the chunk is held or known already; else why the checkpoint must be rejected. */
    private @Nullable String hold(CheckpointId id, StagedCheckpoint checkpoint, Chunk chunk, long offset) {
        Run run = runs.get(id.run());
        if (run == null || !chunk.getLayoutHash().equals(run.layoutHash())) {
            return "layout: chunk " + chunk.getChunk() + " names another layout than the open of epoch " + id.epoch();
        }
        Layout layout = layout(chunk.getLayoutHash());
        int number = chunk.getChunk();
        if (number < 0 || number >= layout.chunkCount() || Layout.partition(number, partitions) != partition) {
            return "chunk: number " + number + " does not belong to partition " + partition + " of " + partitions
                    + "; the layout has " + layout.chunkCount() + " chunks";
        }
        ChunkSpec spec = layout.chunk(number);
        TensorSpec tensor = layout.tensorOf(spec);
        String name = "tensor " + tensor.name() + " chunk " + number;
        if (chunk.getEncoding() != 0) {
            return "encoding: " + name + " has encoding " + chunk.getEncoding() + ", this build reads 0 (full)";
        }
        ByteBuffer bytes = chunk.getPayload();
        if (bytes.remaining() != spec.byteSize()) {
            return "size: " + name + " has " + bytes.remaining() + " bytes, the layout says " + spec.byteSize();
        }
        int crc = Crc.crc32c(bytes);
        if (crc != chunk.getCrc32c()) {
            return "digest: " + name + " has CRC-32C " + Integer.toHexString(crc) + ", its record says "
                    + Integer.toHexString(chunk.getCrc32c());
        }
        StagedCheckpoint.Held known = checkpoint.chunks().get(number);
        if (known != null) {
            counters.add("duplicates");
            return known.crc() == crc && known.bytes().mismatch(MemorySegment.ofBuffer(bytes)) < 0
                    ? null
                    : "conflict: " + name + " came twice with other bytes";
        }
        if (channels.policy(tensor) == TensorPolicy.AVERAGE) {
            int at = kernel.firstNonFinite(MemorySegment.ofBuffer(bytes), tensor.dtype(), spec.elements());
            if (at >= 0) {
                return "non-finite: tensor " + tensor.name() + " element " + (spec.firstElement() + at)
                        + " is NaN or infinite";
            }
        }
        checkpoint.hold(number, crc, bytes, offset);
        counters.add("chunks");
        return null;
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
                .build());
    }

    private void drop(String reason, String detail, FoldOutput out) {
        counters.add(reason);
        out.dropped(reason, detail);
    }

    private static String describe(CheckpointId id, String what) {
        return "run " + id.run() + " epoch " + id.epoch() + " step " + id.step() + " " + what;
    }
}
