package dev.weir.topology.merge;

import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.record.Chunk;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.End;
import dev.weir.schemas.record.Open;
import dev.weir.schemas.record.Plan;
import dev.weir.schemas.wire.BadRecordException;
import dev.weir.schemas.wire.RecordCodec;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * The fold over one partition of deltas: everything that a merge task knows is a pure function of the records of that
 * partition, in log order. It holds the checkpoints that wait for their decision ({@link Staging}) and the channels'
 * averages ({@link Channels}). No clock, no randomness, no order of arrival but the log's.
 */
public final class PartitionFold implements AutoCloseable {
    private final String topic;
    private final int partition;
    private final RecordCodec codec;
    private final Counters counters = new Counters();
    private final Channels channels;
    private final Staging staging;
    private long seq;

    /**
     * @param topic name of deltas, for messages
     * @param partition which one this folds
     * @param partitions how many there are
     */
    public PartitionFold(String topic, int partition, int partitions, RecordCodec codec, Kernel kernel) {
        this.topic = topic;
        this.partition = partition;
        this.codec = codec;
        this.channels = new Channels(partition, partitions, kernel);
        this.staging = new Staging(partition, partitions, kernel, counters, channels);
    }

    /**
     * Folds one record.
     *
     * @param key null: the record is dropped, because a restore would never see it
     * @throws FoldException when the log has a gap or contradicts itself
     */
    public void apply(
            byte @Nullable [] key,
            byte @Nullable [] value,
            Headers headers,
            long offset,
            long timestampMs,
            FoldOutput out) {
        if (key == null || value == null) {
            drop("null-key", "a record of deltas has a key and a value", out);
            return;
        }
        SpecificRecord record;
        try {
            record = codec.read(value, headers, false);
        } catch (BadRecordException bad) {
            drop(bad.reason(), String.valueOf(bad.getMessage()), out);
            return;
        }
        switch (record) {
            case Chunk chunk -> staging.chunk(chunk, out);
            case End end -> staging.end(end, timestampMs, out);
            case Open open -> staging.open(open, out);
            case Decision decision -> decide(decision, offset, out);
            case Plan plan -> {
                advance(plan.getSeq(), offset);
                channels.plan(plan.getPlan());
                counters.add("plans");
            }
            default -> drop("foreign-record", record.getSchema().getName() + " does not belong into deltas", out);
        }
    }

    public Counters counters() {
        return counters;
    }

    /** Number of the newest decision or plan that was folded; 0 before the first. */
    public long seq() {
        return seq;
    }

    /** Bytes of operator state off the heap. */
    public long stateBytes() {
        return channels.stateBytes();
    }

    @Override
    public void close() {
        channels.close();
    }

    private void decide(Decision decision, long offset, FoldOutput out) {
        advance(decision.getSeq(), offset);
        StagedCheckpoint staged = staging.take(decision);
        switch (decision.getVerdict()) {
            case COMMIT -> {
                if (staged == null || staged.failure() != null || !staged.closed()) {
                    throw new FoldException(topic + "-" + partition + ": decision " + decision.getSeq() + " at offset "
                            + offset + " commits step " + decision.getStep() + " of run " + decision.getRun()
                            + ", whose chunks are not in the log before it; check the retention of " + topic);
                }
                channels.fold(decision, staging.layout(decision.getLayoutHash()), staged, out);
                counters.add("committed");
            }
            case REJECT -> counters.add("rejected");
            case ABORT -> counters.add("aborted");
        }
    }

    private void advance(long next, long offset) {
        if (next != seq + 1) {
            throw new FoldException(
                    topic + "-" + partition + ": decision " + next + " at offset " + offset + " follows decision "
                            + seq + ": those between are gone; retention.ms of " + topic
                            + " must keep them, or start again from an empty log");
        }
        seq = next;
    }

    private void drop(String reason, String detail, FoldOutput out) {
        counters.add(reason);
        out.dropped(reason, detail);
    }
}
