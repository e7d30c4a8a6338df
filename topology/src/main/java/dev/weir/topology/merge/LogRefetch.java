package dev.weir.topology.merge;

import dev.weir.topology.store.FoldException;
import java.time.Duration;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.SortedSet;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
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
    private @Nullable Consumer<byte[], byte[]> consumer;
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
                    polled = poll(wanted);
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
        Consumer<byte[], byte[]> reading = consumer;
        if (reading == null) {
            reading = consumers.get();
            reading.assign(List.of(source));
            consumer = reading;
        }
        reading.seek(source, wanted);
        polled = Collections.emptyIterator();
        next = wanted;
    }

    private Iterator<ConsumerRecord<byte[], byte[]>> poll(long wanted) {
        Consumer<byte[], byte[]> reading = consumer;
        if (reading == null) {
            throw new IllegalStateException("nothing was sought");
        }
        try {
            return reading.poll(POLL).iterator();
        } catch (OffsetOutOfRangeException out) {
            throw gone(wanted);
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
        if (consumer != null) {
            consumer.close();
        }
    }
}
