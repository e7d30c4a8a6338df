package dev.weir.topology.replay;

import dev.weir.schemas.record.Applied;
import dev.weir.schemas.record.KeyframeKey;
import dev.weir.schemas.record.MergedChunk;
import dev.weir.schemas.record.MergedEnd;
import dev.weir.topology.merge.FoldOutput;
import dev.weir.topology.merge.PartitionFold;
import dev.weir.topology.store.FoldException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Folds one partition of deltas again, from one emitting decision to the next. */
final class PartitionReplay implements AutoCloseable {
    /**
     * What one decision emitted in this partition.
     *
     * @param seq the decision
     * @param versions channel and version, in the order of emission
     * @param chunks merged chunks of all of them, in the order of emission
     */
    record Emission(long seq, List<VersionId> versions, List<MergedChunk> chunks) {}

    private final TopicPartition partition;
    private final long end;
    private final Consumer<byte[], byte[]> consumer;
    private final PartitionFold fold;
    private final ArrayDeque<ConsumerRecord<byte[], byte[]>> waiting = new ArrayDeque<>();
    private long records;

    /**
     * @param end offset to stop at
     * @param consumer read_committed, subscribed to nothing; closed with this
     * @throws FoldException when the log no longer begins at offset 0
     */
    PartitionReplay(TopicPartition partition, long end, Consumer<byte[], byte[]> consumer, PartitionFold fold) {
        this.partition = partition;
        this.end = end;
        this.consumer = consumer;
        this.fold = fold;
        consumer.assign(List.of(partition));
        long start = consumer.beginningOffsets(List.of(partition)).getOrDefault(partition, 0L);
        if (start > 0) {
            throw new FoldException(partition + ": offsets 0 to " + (start - 1)
                    + " are gone, and a replay reads no keyframes; deltas-retention-ms: -1 of merge and retention.ms=-1 of "
                    + partition.topic() + " keep them");
        }
        consumer.seek(partition, 0);
    }

    /** Folds up to and including the next decision that emits; null at the end of the log. */
    @Nullable
    Emission advance() {
        Collect collect = new Collect();
        while (!collect.applied) {
            ConsumerRecord<byte[], byte[]> record = waiting.poll();
            if (record != null) {
                records++;
                fold.apply(
                        record.key(), record.value(), record.headers(), record.offset(), record.timestamp(), collect);
            } else if (consumer.position(partition) >= end) {
                return null;
            } else {
                consumer.poll(Duration.ofMillis(500)).forEach(found -> {
                    if (found.offset() < end) {
                        waiting.add(found);
                    }
                });
            }
        }
        return new Emission(fold.seq(), collect.versions, collect.chunks);
    }

    long records() {
        return records;
    }

    @Override
    public void close() {
        consumer.close();
        fold.close();
    }

    private static final class Collect implements FoldOutput {
        private final List<VersionId> versions = new ArrayList<>();
        private final List<MergedChunk> chunks = new ArrayList<>();
        private boolean applied;

        @Override
        public void ack(SpecificRecord ack) {
            applied |= ack instanceof Applied;
        }

        @Override
        public void merged(MergedChunk chunk) {
            ByteBuffer lent = chunk.getPayload();
            ByteBuffer copy =
                    ByteBuffer.allocate(lent.remaining()).put(lent.duplicate()).flip();
            chunks.add(new MergedChunk(
                    chunk.getFormatVersion(),
                    chunk.getChannel(),
                    chunk.getVersion(),
                    chunk.getSeq(),
                    chunk.getLayoutHash(),
                    chunk.getChunk(),
                    chunk.getCrc32c(),
                    copy));
        }

        @Override
        public void ended(MergedEnd ended) {
            versions.add(new VersionId(ended.getChannel(), ended.getVersion()));
        }

        @Override
        public void retired(String channel, long version, int chunk) {}

        @Override
        public void keyframe(KeyframeKey key, @Nullable SpecificRecord value) {}

        @Override
        public void dropped(String reason, String detail) {}
    }
}
