package dev.weir.topology.merge;

import dev.weir.operators.CompanionSums;
import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.record.Chunk;
import dev.weir.schemas.record.Combination;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.End;
import dev.weir.schemas.record.KeyframeHead;
import dev.weir.schemas.record.Open;
import dev.weir.schemas.record.Plan;
import dev.weir.schemas.record.Verdict;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.wire.BadRecordException;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.topology.store.Counters;
import dev.weir.topology.store.FoldException;
import dev.weir.topology.store.LogFold;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * The fold over one partition of deltas: everything that a merge task knows is a pure function of the records of that
 * partition, in log order. It holds the checkpoints that wait for their decision ({@link Staging}) and the channels'
 * averages ({@link Channels}). No clock, no randomness, no order of arrival but the log's.
 */
public final class PartitionFold implements LogFold<FoldOutput> {
    /** After so many decisions without one of a run, differences of that run are refused, and it goes on in full. */
    static final int BASE_DECISIONS = 256;

    private final String topic;
    private final int partition;
    private final RecordCodec codec;
    private final Counters counters = new Counters();
    private final ChunkPool pool;
    private final Channels channels;
    private final Staging staging;
    private final PartialSums sums;
    private final @Nullable KeyframeWriter keyframes;
    private final Foresight foresight;
    private final long firstOffset;
    private final long resumedAt;
    private final long newestLoaded;
    private boolean reloaded;
    private long beginSeq;
    private long seq;
    private long nextOffset;
    private long bytesSinceDecision;
    private volatile long stateBytes;

    /**
     * @param topic name of deltas, for messages
     * @param partition which one this folds
     * @param partitions how many there are
     */
    public PartitionFold(String topic, int partition, int partitions, RecordCodec codec, Kernel kernel) {
        this(topic, partition, partitions, codec, kernel, null, null, StagingBudget.UNLIMITED, Foresight.none());
    }

    /**
     * Opens the fold of a partition for a replay: from the beginning of the log, with no keyframe.
     *
     * @param consumers of the log, for what waits for its decision and is not held
     * @param stagingBytes of what waits for its decision that are held in memory
     */
    public static PartitionFold replaying(
            TopicPartition source,
            int partitions,
            RecordCodec codec,
            Supplier<Consumer<byte[], byte[]>> consumers,
            long stagingBytes) {
        StagingBudget budget = new StagingBudget(stagingBytes, new LogRefetch(source, consumers, LogRefetch.PATIENCE));
        return new PartitionFold(
                source.topic(),
                source.partition(),
                partitions,
                codec,
                Kernel.create(),
                null,
                null,
                budget,
                Foresight.none());
    }

    /**
     * @param keyframe what to go on from; null: from the beginning of the log. Closed with this
     * @param policy when to write keyframes; null: never
     * @param budget how much of what waits is held in memory
     * @param foresight acceptances that are in the log already
     */
    PartitionFold(
            String topic,
            int partition,
            int partitions,
            RecordCodec codec,
            Kernel kernel,
            @Nullable Keyframe keyframe,
            @Nullable KeyframePolicy policy,
            StagingBudget budget,
            Foresight foresight) {
        this.topic = topic;
        this.partition = partition;
        this.codec = codec;
        this.foresight = foresight;
        LoadedStates loaded = keyframe == null ? new LoadedStates() : keyframe.states();
        this.newestLoaded = keyframe == null
                ? 0
                : Math.max(loaded.newestSeq(), keyframe.head().getCompletedSeq());
        int heads = keyframe == null ? 0 : keyframe.head().getParts();
        this.keyframes = policy == null ? null : new KeyframeWriter(policy, partition, loaded.slots(), heads);
        this.pool = new ChunkPool(budget.bytes());
        this.channels = new Channels(partition, partitions, kernel, pool, loaded);
        this.staging = new Staging(
                partition,
                partitions,
                kernel,
                counters,
                channels::policy,
                channels::rulesSeq,
                pool,
                budget.log(),
                codec);
        this.sums = new PartialSums(partition, partitions, kernel, channels, staging, newestLoaded);
        this.firstOffset = keyframe == null ? 0 : keyframe.head().getOldestNeeded();
        this.resumedAt = keyframe == null ? 0 : keyframe.head().getNextOffset();
        if (keyframe != null) {
            try {
                resume(keyframe.head());
            } catch (RuntimeException failed) {
                close();
                throw failed;
            }
        }
    }

    private void resume(KeyframeHead head) {
        staging.waiting().resume(head);
        channels.resume(head, staging::layout);
        head.getCounters().forEach(counters::add);
        seq = head.getSeq();
    }

    @Override
    public long firstOffset() {
        return firstOffset;
    }

    /** A record with a null key is dropped, because a restore would never see it. */
    @Override
    public void apply(
            byte @Nullable [] key,
            byte @Nullable [] value,
            Headers headers,
            long offset,
            long timestampMs,
            FoldOutput out) {
        ReceivedPayload payload = ReceivedPayload.of(headers);
        if (payload == null) {
            apply(key, value, headers, null, offset, timestampMs, out);
            return;
        }
        pool.offer(payload);
        try {
            apply(key, value, headers, payload, offset, timestampMs, out);
        } finally {
            pool.offer(null);
            payload.folded();
        }
    }

    private void apply(
            byte @Nullable [] key,
            byte @Nullable [] value,
            Headers headers,
            @Nullable ReceivedPayload payload,
            long offset,
            long timestampMs,
            FoldOutput out) {
        if (offset < resumedAt) {
            reload(value, headers, payload, offset);
            return;
        }
        if (!reloaded) {
            staging.waiting().checkReloaded();
            reloaded = true;
        }
        nextOffset = offset + 1;
        bytesSinceDecision += payload != null ? payload.recordBytes() : value == null ? 0 : value.length;
        if (key == null || value == null) {
            drop("null-key", "a record of deltas has a key and a value", out);
            return;
        }
        SpecificRecord record;
        try {
            record = read(value, headers, payload);
        } catch (BadRecordException bad) {
            drop(bad.reason(), String.valueOf(bad.getMessage()), out);
            return;
        }
        fold(record, offset, timestampMs, out);
    }

    /**
     * Folds a decision or a plan in place of the one that stands in the log there: for replays of another plan.
     *
     * @param record with the number of the one that it replaces
     */
    public void foldInstead(SpecificRecord record, long offset, FoldOutput out) {
        fold(record, offset, 0, out);
    }

    /** Maintains a plan from the beginning of the log on, whatever its own first plan is: for replays of another plan. */
    public void begin(String planJson) {
        channels.plan(0, planJson);
    }

    /**
     * Begins with a later decision than the log's first, for replays of a log whose beginning is gone: what those before it
     * accepted is kept where differences refer to it, and enters no channel.
     *
     * @param first number of the first decision or plan that is folded
     */
    public void beginAt(long first) {
        beginSeq = first;
        seq = first - 1;
    }

    private void fold(SpecificRecord record, long offset, long timestampMs, FoldOutput out) {
        switch (record) {
            case Decision before when before.getSeq() < beginSeq -> passBy(before);
            case Combination before when before.getSeq() < beginSeq -> {}
            case Plan before when before.getSeq() < beginSeq -> {}
            case Chunk chunk -> staging.chunk(chunk, offset, out, atOnce(chunk, offset, out.emits()));
            case End end -> {
                staging.end(end, timestampMs, out);
                sums.sayEnded(end, seq, out);
            }
            case Open open -> staging.epochs().open(open, out);
            case Decision decision -> decide(decision, offset, out);
            case Combination combination -> {
                advance(combination.getSeq(), combination, offset);
                channels.combine(
                        combination,
                        staging.layout(combination.getLayoutHash()),
                        combination.getSeq() <= newestLoaded ? FoldOutput.NONE : out);
                counters.add("combined");
            }
            case Plan plan -> {
                advance(plan.getSeq(), plan, offset);
                if (keyframes != null && seq > newestLoaded) {
                    keyframes.beforePlan(state());
                }
                channels.plan(plan.getSeq(), plan.getPlan());
                counters.add("plans");
                sums.sayAgain(seq, out);
            }
            default -> drop("foreign-record", record.getSchema().getName() + " does not belong into deltas", out);
        }
    }

    @Override
    public Counters counters() {
        return counters;
    }

    /** Number of the newest decision or plan that was folded; 0 before the first. */
    public long seq() {
        return seq;
    }

    /** Bytes off the heap after the newest decision: averages, the baseline, and checkpoints that wait for theirs. */
    @Override
    public long stateBytes() {
        return stateBytes;
    }

    @Override
    public void close() {
        channels.close();
        staging.close();
    }

    private void decide(Decision decision, long offset, FoldOutput given) {
        advance(decision.getSeq(), decision, offset);
        // What a committed average contains was emitted in the same transaction or before. It comes again as new only
        // when somebody has set the group's offset back, and must not be emitted from averages that are ahead of it.
        FoldOutput out = decision.getSeq() <= newestLoaded ? FoldOutput.NONE : given;
        staging.epochs().forgetBasesBefore(decision.getSeq() - BASE_DECISIONS);
        StagedCheckpoint staged = staging.take(decision);
        if (decision.getVerdict() != Verdict.COMMIT && staged != null) {
            staged.release();
        }
        switch (decision.getVerdict()) {
            case COMMIT -> {
                if (staged != null && staged.failure() != null) {
                    throw new FoldException(topic + "-" + partition + ": decision " + decision.getSeq() + " at offset "
                            + offset + " commits step " + decision.getStep() + " of run " + decision.getRun()
                            + ", which is refused here: " + staged.failure());
                }
                if (staged == null || !staged.closed()) {
                    throw new FoldException(
                            topic + "-" + partition + ": decision " + decision.getSeq() + " at offset "
                                    + offset + " commits step " + decision.getStep() + " of run " + decision.getRun()
                                    + ", whose chunks are not in the log before it",
                            "check the retention of " + topic);
                }
                Layout layout = staging.layout(decision.getLayoutHash());
                channels.begin(decision, layout);
                try (CompanionChunks companions = staging.companions(staged, layout)) {
                    staging.accept(
                            decision,
                            staged,
                            layout,
                            (number, held) -> channels.enter(decision, layout, number, held, companions, out));
                }
                channels.emit(decision, layout, out);
                counters.add("committed");
                sums.sayAgain(seq, out);
            }
            case REJECT -> counters.add("rejected");
            case ABORT -> counters.add("aborted");
        }
        staging.waiting().forgetLayouts(channels.layouts());
        if (keyframes != null && out.emits()) {
            keyframes.decided(state(), bytesSinceDecision, out);
        } else if (keyframes != null) {
            keyframes.decidedElsewhere();
        }
        bytesSinceDecision = 0;
        stateBytes = channels.stateBytes() + staging.bytes();
    }

    private FoldedState state() {
        return new FoldedState(channels, staging.waiting(), counters, seq, nextOffset);
    }

    /** What is not whole was refused when its end came, or has none here. */
    private void passBy(Decision decision) {
        staging.epochs().forgetBasesBefore(decision.getSeq() - BASE_DECISIONS);
        StagedCheckpoint staged = staging.take(decision);
        if (staged == null) {
            return;
        }
        if (decision.getVerdict() == Verdict.COMMIT && staged.ended() && staged.failure() == null) {
            staging.accept(decision, staged, staging.layout(decision.getLayoutHash()), (number, held) -> {});
        } else {
            staged.release();
        }
    }

    /** Bytes that a keyframe knew of lie before it; nothing else there is news. */
    private void reload(byte @Nullable [] value, Headers headers, @Nullable ReceivedPayload payload, long offset) {
        if (value == null) {
            return;
        }
        try {
            switch (read(value, headers, payload)) {
                case Chunk chunk -> staging.waiting().reload(chunk, offset);
                case Decision decision -> staging.waiting().reload(decision);
                case Open open -> staging.waiting().reload(open);
                default -> {}
            }
        } catch (BadRecordException known) {
            // It was counted and told when it was folded the first time.
        }
    }

    private SpecificRecord read(byte[] value, Headers headers, @Nullable ReceivedPayload payload) {
        SpecificRecord record = codec.read(value, headers, false);
        return payload == null ? record : payload.with(record);
    }

    /**
     * What this partition's chunks of a checkpoint come to, for the channels whose coefficients depend on sums over tensors, and
     * those of its companions, by {@link CompanionSums#key}.
     *
     * @param decision about to be folded
     */
    public Map<String, List<Double>> reduced(Decision decision) {
        return sums.of(decision);
    }

    /** What a chunk enters before its decision comes; null: it waits for that. */
    private Staging.@Nullable ChunkUse atOnce(Chunk chunk, long offset, boolean live) {
        Decision decision = foresight.next(seq, chunk, offset);
        if (decision == null || !channels.enterByChunk() || !channels.plans(decision)) {
            return null;
        }
        return (number, held) -> {
            Layout layout = staging.layout(decision.getLayoutHash());
            foresight.begin(decision);
            channels.begin(decision, layout);
            // Plans up to the newest keyframe may have dropped states that it therefore lacks; see decide.
            channels.enterAtOnce(decision, layout, number, held, live && decision.getSeq() > newestLoaded);
        };
    }

    private void advance(long next, SpecificRecord record, long offset) {
        if (next != seq + 1) {
            throw new FoldException(
                    topic + "-" + partition + ": decision " + next + " at offset " + offset + " follows decision " + seq
                            + ": those between are gone; retention.ms of " + topic + " must keep them",
                    "bring the topic back from a replica or a backup, or start again from a new model");
        }
        foresight.decided(next, record, topic + "-" + partition + ": offset " + offset);
        seq = next;
    }

    private void drop(String reason, String detail, FoldOutput out) {
        counters.add(reason);
        out.dropped(reason, detail);
    }
}
