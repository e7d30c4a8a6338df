package dev.weir.topology.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.internals.RecordBatchingStateRestoreCallback;
import org.jspecify.annotations.Nullable;

/**
 * The log-backed store: its content is the fold of one partition of its source topic, and restoring it is folding again, from
 * where the fold says that it must begin. It writes no file and no changelog.
 *
 * <p>What Kafka Streams 4.3.1 needs of it: {@code persistent()} and {@code managesOffsets()} are true, or
 * {@code committedOffset} is never asked; a null offset makes the restore begin at the start of the log, another one behind
 * it; {@code init} and restore run on different threads, and processors are initialised behind the restore; a record below the
 * store's own position is neither folded nor emitted, because the group's offsets may be behind what was restored.
 *
 * <p>While a batch is folded to restore, Kafka Streams reads the next one.
 *
 * @param <O> where the fold says what follows from a record
 */
public final class FoldStore<O> implements StateStore {
    /** Fewer offsets without a record are those of markers, and of what was not committed. */
    private static final int GAP = 16;

    private final FoldStores<O> with;
    private final Meanwhile restoring;
    private @Nullable LogFold<O> fold;
    private @Nullable TopicPartition source;
    private long nextOffset;
    private @Nullable Long base;

    FoldStore(FoldStores<O> with) {
        this.with = with;
        this.restoring = new Meanwhile("weir-restore-" + with.name());
    }

    @Override
    public String name() {
        return with.name();
    }

    /** @throws FoldException when the log no longer begins where the fold has to begin */
    @Override
    public void init(StateStoreContext context, StateStore root) {
        close();
        int partition = context.taskId().partition();
        TopicPartition source = new TopicPartition(with.topic(), partition);
        LogFold<O> fresh = open(source);
        base = nextOffset == 0 ? null : nextOffset - 1;
        with.folds().opened(partition, fresh);
        RecordBatchingStateRestoreCallback restore = records -> {
            List<ConsumerRecord<byte[], byte[]>> batch = new ArrayList<>(records);
            restoring.start(() -> batch.forEach(record -> again(fresh, record)));
        };
        context.register(root, restore);
    }

    private void again(LogFold<O> fresh, ConsumerRecord<byte[], byte[]> record) {
        if (fold(
                fresh,
                record.key(),
                record.value(),
                record.headers(),
                record.offset(),
                record.timestamp(),
                with.silent())) {
            with.folds().foldedAgain();
        }
    }

    /**
     * Waits until all is folded that was given to be restored; to be called before the first record.
     *
     * @throws FoldException what the fold of it has thrown
     */
    public void awaitRestored() {
        restoring.await();
    }

    /** The fold, whose log begins where it has to. */
    private LogFold<O> open(TopicPartition from) {
        source = from;
        long needed = -1;
        while (true) {
            LogFold<O> fresh = with.open().apply(from.partition());
            fold = fresh;
            nextOffset = fresh.firstOffset();
            long start = start(from);
            if (start <= nextOffset) {
                return fresh;
            }
            close();
            if (nextOffset <= needed) {
                throw gone(start);
            }
            // Another instance may have written a newer keyframe since, and shortened the log to what that needs.
            needed = nextOffset;
        }
    }

    private long start(TopicPartition source) {
        boolean known = false;
        try {
            long start = with.logStart().offset(source);
            known = true;
            return start;
        } finally {
            if (!known) {
                close();
            }
        }
    }

    private FoldException gone(long start) {
        return new FoldException(
                source + ": offsets " + nextOffset + " to " + (start - 1)
                        + " are gone and the state cannot be folded without them; retention.ms=-1 and"
                        + " retention.bytes=-1 of " + with.topic() + " would have kept them",
                "bring the topic back from a replica or a backup, or start again from a new model");
    }

    /**
     * Folds one record, unless it was folded before.
     *
     * @return whether it was folded; if not, nothing was said to the output
     * @throws FoldException when the log was cut between the record folded last and this one
     */
    public boolean fold(
            byte @Nullable [] key, byte @Nullable [] value, Headers headers, long offset, long timestampMs, O out) {
        LogFold<O> current = fold;
        if (current == null) {
            throw new IllegalStateException("store " + with.name() + " is closed");
        }
        if (offset >= nextOffset + GAP) {
            // Where a consumer finds its offset deleted, it goes on from the start of the log.
            long start = with.logStart().offset(Objects.requireNonNull(source));
            if (start > nextOffset) {
                throw gone(start);
            }
        }
        return fold(current, key, value, headers, offset, timestampMs, out);
    }

    private boolean fold(
            LogFold<O> current,
            byte @Nullable [] key,
            byte @Nullable [] value,
            Headers headers,
            long offset,
            long timestampMs,
            O out) {
        if (offset < nextOffset) {
            return false;
        }
        long began = System.nanoTime();
        current.apply(key, value, headers, offset, timestampMs, out);
        with.folds().took(System.nanoTime() - began);
        nextOffset = offset + 1;
        return true;
    }

    @Override
    public void close() {
        restoring.close();
        LogFold<O> current = fold;
        fold = null;
        if (current != null) {
            with.folds().closed(current);
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
        return base;
    }

    @Override
    public void commit(Map<TopicPartition, Long> offsets) {}
}
