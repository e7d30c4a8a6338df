package dev.weir.topology.replay;

import dev.weir.schemas.wire.BadRecordException;
import dev.weir.schemas.wire.RecordCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Reads a topic from its beginning to where it ends now. */
final class LogScan {
    /** Takes a record and what it says; null for a tombstone and for what cannot be read. */
    interface Reader {
        void take(ConsumerRecord<byte[], byte[]> record, @Nullable SpecificRecord value);
    }

    private LogScan() {}

    static void of(
            Supplier<Consumer<byte[], byte[]>> consumers,
            String topic,
            int partitions,
            Reader reader,
            RecordCodec codec) {
        Map<TopicPartition, Long> ends = ends(consumers, topic, partitions);
        try (Consumer<byte[], byte[]> consumer = consumers.get()) {
            List<TopicPartition> left = new ArrayList<>(ends.keySet());
            consumer.assign(left);
            consumer.seekToBeginning(left);
            while (true) {
                left.removeIf(partition -> consumer.position(partition) >= ends.getOrDefault(partition, 0L));
                if (left.isEmpty()) {
                    return;
                }
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
                    reader.take(record, read(record, codec));
                }
            }
        }
    }

    /** End of each partition as a read_committed reader sees it. */
    static Map<TopicPartition, Long> ends(Supplier<Consumer<byte[], byte[]>> consumers, String topic, int partitions) {
        List<TopicPartition> all = new ArrayList<>();
        for (int partition = 0; partition < partitions; partition++) {
            all.add(new TopicPartition(topic, partition));
        }
        try (Consumer<byte[], byte[]> consumer = consumers.get()) {
            return consumer.endOffsets(all);
        }
    }

    private static @Nullable SpecificRecord read(ConsumerRecord<byte[], byte[]> record, RecordCodec codec) {
        if (record.value() == null) {
            return null;
        }
        try {
            return codec.read(record.value(), record.headers(), false);
        } catch (BadRecordException bad) {
            return null;
        }
    }
}
