package dev.weir.topology.replay;

import dev.weir.topology.store.FoldException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** The records of one partition of deltas, from the first that is left on, one after the other. */
final class PartitionLog implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(500);

    private final TopicPartition partition;
    private final Consumer<byte[], byte[]> consumer;
    private final long start;
    private final ArrayDeque<ConsumerRecord<byte[], byte[]>> waiting = new ArrayDeque<>();
    private volatile long records;

    /** @param consumer read_committed, subscribed to nothing; closed with this */
    PartitionLog(TopicPartition partition, Consumer<byte[], byte[]> consumer) {
        this.partition = partition;
        this.consumer = consumer;
        consumer.assign(List.of(partition));
        this.start = consumer.beginningOffsets(List.of(partition)).getOrDefault(partition, 0L);
        consumer.seek(partition, start);
    }

    /**
     * The same where nothing may be missing.
     *
     * @throws FoldException when the log no longer begins at offset 0
     */
    static PartitionLog whole(TopicPartition partition, Consumer<byte[], byte[]> consumer) {
        PartitionLog log = new PartitionLog(partition, consumer);
        if (log.start > 0) {
            log.close();
            throw new FoldException(log.gone() + ", and a replay reads no keyframes; " + log.remedy());
        }
        return log;
    }

    /** Goes to an offset before anything is read. */
    void begin(long offset) {
        consumer.seek(partition, offset);
    }

    /** Offset of the first record that was left when this was opened. */
    long start() {
        return start;
    }

    /** Which offsets are gone. */
    String gone() {
        return partition + ": offsets 0 to " + (start - 1) + " are gone";
    }

    /** How they would be kept. */
    String remedy() {
        return "deltas-retention-ms: -1 of merge and retention.ms=-1 of " + partition.topic() + " keep them";
    }

    TopicPartition partition() {
        return partition;
    }

    /** Records that {@link #next} gave. */
    long records() {
        return records;
    }

    /** The next record; null where the log ends before this offset, or for now. */
    @Nullable
    ConsumerRecord<byte[], byte[]> next(long end) {
        ConsumerRecord<byte[], byte[]> record = waiting.poll();
        while (record == null && consumer.position(partition) < end) {
            consumer.poll(POLL).forEach(waiting::add);
            record = waiting.poll();
            if (record == null && end == Long.MAX_VALUE) {
                return null;
            }
        }
        if (record == null || record.offset() >= end) {
            return null;
        }
        count();
        return record;
    }

    // One thread at a time reads; others look.
    @SuppressWarnings("NonAtomicVolatileUpdate")
    private void count() {
        records++;
    }

    @Override
    public void close() {
        consumer.close();
    }
}
