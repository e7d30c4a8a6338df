package dev.weir.topology.merge;

import dev.weir.topology.store.FoldException;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.SortedSet;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Reads a partition again with a consumer of its own, which is made when it is needed first. */
final class LogRefetch implements Refetch {
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** Offsets nearer than that are read through rather than sought. */
    private static final long NEAR = 16;

    private final TopicPartition source;
    private final Supplier<Consumer<byte[], byte[]>> consumers;
    private @Nullable Consumer<byte[], byte[]> consumer;

    LogRefetch(TopicPartition source, Supplier<Consumer<byte[], byte[]>> consumers) {
        this.source = source;
        this.consumers = consumers;
    }

    @Override
    public void read(SortedSet<Long> offsets, Reader reader) {
        Consumer<byte[], byte[]> reading = consumer;
        if (reading == null) {
            reading = consumers.get();
            reading.assign(List.of(source));
            consumer = reading;
        }
        Iterator<Long> rest = offsets.iterator();
        long wanted = rest.next();
        reading.seek(source, wanted);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            for (ConsumerRecord<byte[], byte[]> record : poll(reading, wanted)) {
                if (record.offset() > wanted) {
                    throw gone(wanted);
                }
                if (record.offset() < wanted) {
                    continue;
                }
                reader.read(wanted, record.value(), record.headers());
                deadline = System.nanoTime() + PATIENCE.toNanos();
                if (!rest.hasNext()) {
                    return;
                }
                wanted = rest.next();
                if (wanted > record.offset() + NEAR) {
                    reading.seek(source, wanted);
                    break;
                }
            }
            if (System.nanoTime() > deadline) {
                throw new FoldException(source + ": offset " + wanted + " did not come again within "
                        + PATIENCE.toSeconds() + " s; check the broker");
            }
        }
    }

    private Iterable<ConsumerRecord<byte[], byte[]>> poll(Consumer<byte[], byte[]> reading, long wanted) {
        try {
            return reading.poll(POLL);
        } catch (OffsetOutOfRangeException out) {
            throw gone(wanted);
        }
    }

    private FoldException gone(long offset) {
        return new FoldException(source + ": offset " + offset + " waits for its decision and is gone; retention.ms of "
                + source.topic() + " must keep it; a larger staging-bytes holds more in memory");
    }

    @Override
    public void close() {
        if (consumer != null) {
            consumer.close();
        }
    }
}
