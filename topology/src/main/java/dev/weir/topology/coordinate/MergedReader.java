package dev.weir.topology.coordinate;

import dev.weir.schemas.record.MergedChunk;
import dev.weir.schemas.record.MergedEnd;
import dev.weir.schemas.wire.BadRecordException;
import dev.weir.schemas.wire.RecordCodec;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Reads the partitions of merged forwards, one record of a chosen partition at a time, with little held in memory. */
final class MergedReader implements AutoCloseable {
    /** Records of a partition that may wait before it is paused. */
    private static final int WAITING = 16;

    /** A record and where it lies. */
    record Entry(long offset, SpecificRecord record) {}

    private final Consumer<byte[], byte[]> consumer;
    private final RecordCodec codec;
    private final String topic;
    private final List<ArrayDeque<ConsumerRecord<byte[], byte[]>>> waiting = new ArrayList<>();
    /** Offset behind the last record that was looked at, by partition; -1: where the partition begins. */
    private final long[] positions;

    /**
     * @param consumer read_committed, not subscribed
     * @param positions where to begin, by partition; others at the beginning
     */
    MergedReader(
            Consumer<byte[], byte[]> consumer,
            RecordCodec codec,
            String topic,
            int partitions,
            Map<Integer, Long> positions) {
        this.consumer = consumer;
        this.codec = codec;
        this.topic = topic;
        List<TopicPartition> assigned = new ArrayList<>();
        for (int partition = 0; partition < partitions; partition++) {
            assigned.add(new TopicPartition(topic, partition));
            waiting.add(new ArrayDeque<>());
        }
        this.positions = new long[partitions];
        Arrays.fill(this.positions, -1);
        consumer.assign(assigned);
        consumer.seekToBeginning(assigned);
        for (TopicPartition partition : assigned) {
            Long position = positions.get(partition.partition());
            if (position != null) {
                consumer.seek(partition, position);
                this.positions[partition.partition()] = position;
            }
        }
    }

    /** Where it stands, for {@link #rewind}. */
    long[] positions() {
        return positions.clone();
    }

    /** Goes back to where it stood: what was passed by since may be another version's. */
    void rewind(long[] to) {
        for (int partition = 0; partition < to.length; partition++) {
            if (positions[partition] != to[partition]) {
                TopicPartition of = new TopicPartition(topic, partition);
                waiting.get(partition).clear();
                positions[partition] = to[partition];
                if (to[partition] < 0) {
                    consumer.seekToBeginning(List.of(of));
                } else {
                    consumer.seek(of, to[partition]);
                }
            }
        }
    }

    /**
     * The next record of this version in the partition; passes by tombstones and what is not ours. Waits for it while it is
     * wanted; null: it is wanted no more.
     */
    @Nullable
    Entry next(int partition, String channel, long version, BooleanSupplier wanted) throws InterruptedException {
        while (wanted.getAsBoolean()) {
            ConsumerRecord<byte[], byte[]> record = waiting.get(partition).poll();
            if (record == null) {
                fetch(partition);
                continue;
            }
            positions[partition] = record.offset() + 1;
            if (record.value() == null) {
                continue;
            }
            SpecificRecord value;
            try {
                value = codec.read(record.value(), record.headers(), false);
            } catch (BadRecordException foreign) {
                continue;
            }
            boolean ours = value instanceof MergedChunk chunk
                            && chunk.getChannel().equals(channel)
                            && chunk.getVersion() == version
                    || value instanceof MergedEnd end
                            && end.getChannel().equals(channel)
                            && end.getVersion() == version;
            if (ours) {
                return new Entry(record.offset(), value);
            }
        }
        return null;
    }

    @Override
    public void close() {
        consumer.close();
    }

    private void fetch(int wanted) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        for (int partition = 0; partition < waiting.size(); partition++) {
            List<TopicPartition> one = List.of(new TopicPartition(topic, partition));
            if (partition == wanted || waiting.get(partition).size() < WAITING) {
                consumer.resume(one);
            } else {
                consumer.pause(one);
            }
        }
        consumer.poll(Duration.ofSeconds(1))
                .forEach(record -> waiting.get(record.partition()).add(record));
    }
}
