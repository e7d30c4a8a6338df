package dev.weir.topology.replay;

import dev.weir.schemas.record.Applied;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.DeltaKey;
import dev.weir.schemas.record.KeyframeKey;
import dev.weir.schemas.record.MergedChunk;
import dev.weir.schemas.record.MergedEnd;
import dev.weir.schemas.record.Open;
import dev.weir.schemas.record.Plan;
import dev.weir.schemas.wire.BadRecordException;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.topology.merge.FoldOutput;
import dev.weir.topology.merge.PartitionFold;
import dev.weir.topology.store.FoldException;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** Folds one partition of deltas into the channels of another plan than its own, from one decision to the next. */
final class PlannedPartition implements AutoCloseable {
    private static final long PATIENCE_NANOS = 60_000_000_000L;

    private final PartitionLog log;
    private final PartitionFold fold;
    private final RecordCodec codec;
    private final String planJson;
    private final long firstSeq;
    private final long lastSeq;
    private long offset;

    /**
     * @param log closed by whoever opened it
     * @param planJson the other plan
     * @param firstSeq number of the first decision to stop for; at most 1: the log's first
     * @param lastSeq number of the decision to stop at; it is in the log, or about to be seen there
     */
    PlannedPartition(
            PartitionLog log, PartitionFold fold, RecordCodec codec, String planJson, long firstSeq, long lastSeq) {
        this.log = log;
        this.fold = fold;
        this.codec = codec;
        this.planJson = planJson;
        this.firstSeq = firstSeq;
        this.lastSeq = lastSeq;
        fold.begin(planJson);
        if (firstSeq > 1) {
            fold.beginAt(firstSeq);
        }
    }

    /** Folds an OPEN that is gone from the log, as one before its first record. */
    void open(Open open) {
        fold.foldInstead(open, 0, FoldOutput.NONE);
    }

    /** Folds up to the next decision, which waits for {@link #decide}; null after the last one. */
    @Nullable
    Decision next() {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (fold.seq() < lastSeq) {
            ConsumerRecord<byte[], byte[]> record = log.next(Long.MAX_VALUE);
            if (record != null) {
                offset = record.offset();
                switch (coordinators(record)) {
                    case Decision decision
                    when decision.getSeq() >= firstSeq -> {
                        return decision;
                    }
                    case Plan plan ->
                        fold.foldInstead(
                                new Plan(1, plan.getSeq(), plan.getProposal(), planJson, ""), offset, FoldOutput.NONE);
                    case null, default ->
                        fold.apply(
                                record.key(),
                                record.value(),
                                record.headers(),
                                offset,
                                record.timestamp(),
                                FoldOutput.NONE);
                }
            } else if (System.nanoTime() > deadline) {
                throw new FoldException(
                        log.partition() + ": decision " + lastSeq + " did not come within 60 s, and partition 0 has it",
                        "check the broker");
            }
        }
        return null;
    }

    /** What this partition's chunks of the checkpoint of that decision come to, by channel, for those that ask for it. */
    Map<String, List<Double>> reduced(Decision decision) {
        return fold.reduced(decision);
    }

    /**
     * Folds the decision at which {@link #next} stopped, as it is under the other plan.
     *
     * @param chunks takes what is emitted; the payload is valid during the call only
     * @return null: nothing was due
     */
    @Nullable
    Applied decide(Decision decision, Consumer<MergedChunk> chunks) {
        Emitting out = new Emitting(chunks);
        fold.foldInstead(decision, offset, out);
        return out.applied;
    }

    /** What the coordinator wrote; null for everything else. */
    private @Nullable SpecificRecord coordinators(ConsumerRecord<byte[], byte[]> record) {
        if (record.key() == null || record.value() == null) {
            return null;
        }
        try {
            // No run of a trainer is called so.
            return codec.read(record.key(), DeltaKey.class).getRun().isEmpty()
                    ? codec.read(record.value(), record.headers(), false)
                    : null;
        } catch (BadRecordException foreign) {
            return null;
        }
    }

    @Override
    public void close() {
        fold.close();
    }

    private static final class Emitting implements FoldOutput {
        private final Consumer<MergedChunk> chunks;
        private @Nullable Applied applied;

        private Emitting(Consumer<MergedChunk> chunks) {
            this.chunks = chunks;
        }

        @Override
        public void ack(SpecificRecord ack) {
            if (ack instanceof Applied said) {
                applied = said;
            }
        }

        @Override
        public void merged(MergedChunk chunk) {
            chunks.accept(chunk);
        }

        @Override
        public void ended(MergedEnd end) {}

        @Override
        public void retired(String channel, long version, int chunk) {}

        @Override
        public void keyframe(KeyframeKey key, @Nullable SpecificRecord value) {}

        @Override
        public void dropped(String reason, String detail) {}
    }
}
