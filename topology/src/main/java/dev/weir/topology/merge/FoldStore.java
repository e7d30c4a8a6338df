package dev.weir.topology.merge;

import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.wire.RecordCodec;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.internals.RecordBatchingStateRestoreCallback;
import org.jspecify.annotations.Nullable;

/**
 * The log-backed store: its content is the fold of one partition of deltas, and restoring it is folding again. It writes
 * no file and no changelog.
 *
 * <p>What Kafka Streams 4.3.1 needs of it: {@code persistent()} and {@code managesOffsets()} are true, or
 * {@code committedOffset} is never asked; a null offset makes the restore begin at the start of the log; {@code init} and
 * restore run on different threads; a record below the store's own position is neither folded nor emitted, because the
 * group's offsets may be behind what was restored.
 */
public final class FoldStore implements StateStore {
    private final String name;
    private final String topic;
    private final int partitions;
    private final RecordCodec codec;
    private final LogStart logStart;
    private final Folds folds;
    private @Nullable PartitionFold fold;
    private long nextOffset;

    FoldStore(String name, String topic, int partitions, RecordCodec codec, LogStart logStart, Folds folds) {
        this.name = name;
        this.topic = topic;
        this.partitions = partitions;
        this.codec = codec;
        this.logStart = logStart;
        this.folds = folds;
    }

    @Override
    public String name() {
        return name;
    }

    /** @throws FoldException when the log no longer begins where the fold has to begin */
    @Override
    public void init(StateStoreContext context, StateStore root) {
        close();
        int partition = context.taskId().partition();
        long start = logStart.offset(new TopicPartition(topic, partition));
        if (start > 0) {
            throw new FoldException(topic + "-" + partition + ": offsets 0 to " + (start - 1)
                    + " are gone and the average cannot be folded without them; retention.ms=-1 and retention.bytes=-1 of "
                    + topic + " keep them; start again from a new model");
        }
        PartitionFold fresh = new PartitionFold(topic, partition, partitions, codec, Kernel.create());
        fold = fresh;
        nextOffset = 0;
        folds.opened(partition, fresh);
        RecordBatchingStateRestoreCallback restore = records -> records.forEach(record -> {
            if (fold(
                    record.key(),
                    record.value(),
                    record.headers(),
                    record.offset(),
                    record.timestamp(),
                    FoldOutput.NONE)) {
                folds.foldedAgain();
            }
        });
        context.register(root, restore);
    }

    /**
     * Folds one record, unless it was folded before.
     *
     * @return whether it was folded; if not, nothing was said to the output
     */
    boolean fold(
            byte @Nullable [] key,
            byte @Nullable [] value,
            Headers headers,
            long offset,
            long timestampMs,
            FoldOutput out) {
        PartitionFold current = fold;
        if (current == null) {
            throw new IllegalStateException("store " + name + " is closed");
        }
        if (offset < nextOffset) {
            return false;
        }
        current.apply(key, value, headers, offset, timestampMs, out);
        nextOffset = offset + 1;
        return true;
    }

    @Override
    public void close() {
        PartitionFold current = fold;
        fold = null;
        if (current != null) {
            folds.closed(current);
            current.close();
        }
    }

    @Override
    public boolean persistent() {
        return true;
    }

    @Override
    @SuppressWarnings("deprecation")
    public boolean managesOffsets() {
        return true;
    }

    @Override
    public boolean isOpen() {
        return fold != null;
    }

    @Override
    public @Nullable Long committedOffset(TopicPartition partition) {
        return null;
    }

    @Override
    public void commit(Map<TopicPartition, Long> offsets) {}
}
