package dev.weir.topology.merge;

import dev.weir.topology.store.FoldException;
import dev.weir.topology.store.Meanwhile;
import java.time.Duration;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.SortedSet;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Reads a partition again with a consumer of its own, which is made when it is needed first. It waits for a broker that is
 * away, and what is read next is likely to lie behind what was read last.
 */
final class LogRefetch implements Refetch {
    /** Two thirds of the poll interval: whoever waits longer is taken for dead by its group. */
    static final Duration PATIENCE = Duration.ofMinutes(10);

    private static final Duration POLL = Duration.ofMillis(100);
    /** Offsets nearer than that are read through rather than sought. */
    private static final long NEAR = 16;

    private final TopicPartition source;
    private final Supplier<Consumer<byte[], byte[]>> consumers;
    private final Duration patience;
    private final Meanwhile ahead = new Meanwhile("weir-refetch");
    private @Nullable Consumer<byte[], byte[]> consumer;
    /** What was read while the records before it were used. */
    private ConsumerRecords<byte[], byte[]> fetched = ConsumerRecords.empty();

    private Iterator<ConsumerRecord<byte[], byte[]>> polled = Collections.emptyIterator();
    /** Offset behind the newest record that was looked at. */
    private long next = Long.MAX_VALUE;

    /** @param patience for a broker that gives nothing, in one {@link #read} */
    LogRefetch(TopicPartition source, Supplier<Consumer<byte[], byte[]>> consumers, Duration patience) {
        this.source = source;
        this.consumers = consumers;
        this.patience = patience;
    }

    @Override
    public void read(SortedSet<Long> offsets, Reader reader) {
        long waitedNanos = 0;
        for (long wanted : offsets) {
            if (wanted < next || wanted >= next + NEAR) {
                seek(wanted);
            }
            ConsumerRecord<byte[], byte[]> found = null;
            while (found == null) {
                while (polled.hasNext() && found == null) {
                    ConsumerRecord<byte[], byte[]> record = polled.next();
                    next = record.offset() + 1;
                    found = record.offset() < wanted ? null : record;
                }
                if (found == null) {
                    long began = System.nanoTime();
                    poll(wanted, offsets.last());
                    waitedNanos += polled.hasNext() ? 0 : System.nanoTime() - began;
                    giveUp(waitedNanos, wanted);
                }
            }
            if (found.offset() > wanted) {
                throw gone(wanted);
            }
            reader.read(wanted, found.value(), found.headers());
        }
    }

    private void seek(long wanted) {
        ahead.close();
        fetched = ConsumerRecords.empty();
        consumer().seek(source, wanted);
        polled = Collections.emptyIterator();
        next = wanted;
    }

    private Consumer<byte[], byte[]> consumer() {
        Consumer<byte[], byte[]> known = consumer;
        if (known == null) {
            known = consumers.get();
            known.assign(List.of(source));
            consumer = known;
        }
        return known;
    }

    /** Takes the next records, and has those behind them read meanwhile where more is wanted. */
    private void poll(long wanted, long last) {
        try {
            ahead.await();
            if (fetched.isEmpty()) {
                fetched = consumer().poll(POLL);
            }
        } catch (OffsetOutOfRangeException out) {
            throw gone(wanted);
        }
        List<ConsumerRecord<byte[], byte[]>> records = fetched.records(source);
        fetched = ConsumerRecords.empty();
        polled = records.iterator();
        if (!records.isEmpty() && records.getLast().offset() < last) {
            Consumer<byte[], byte[]> reading = consumer();
            ahead.start(() -> fetched = reading.poll(POLL));
        }
    }

    private void giveUp(long waitedNanos, long wanted) {
        if (waitedNanos > patience.toNanos()) {
            throw new FoldException(source + ": offset " + wanted + " is needed again and did not come within "
                    + patience.toSeconds() + " s; the broker gives nothing; start again when it does, or hold more in"
                    + " memory by a larger staging-bytes");
        }
    }

    private FoldException gone(long offset) {
        return new FoldException(source + ": offset " + offset + " is needed again and is gone; retention.ms of "
                + source.topic() + " must keep it; a larger staging-bytes holds more in memory");
    }

    @Override
    public void close() {
        ahead.close();
        if (consumer != null) {
            consumer.close();
        }
    }
}
