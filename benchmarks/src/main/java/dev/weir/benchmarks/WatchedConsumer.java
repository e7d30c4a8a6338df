package dev.weir.benchmarks;

import java.time.Duration;
import java.util.Map;
import java.util.function.ToIntFunction;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;

/** A consumer that is timed from its first poll to its close and counts the bytes of the values that it gives. */
final class WatchedConsumer<V> extends KafkaConsumer<byte[], V> {
    private final ToIntFunction<V> size;
    private final Stopwatch watch;

    /** @param size bytes of a value */
    WatchedConsumer(Map<String, Object> settings, Deserializer<V> values, ToIntFunction<V> size, Stopwatch watch) {
        super(settings, new ByteArrayDeserializer(), values);
        this.size = size;
        this.watch = watch;
    }

    @Override
    public ConsumerRecords<byte[], V> poll(Duration patience) {
        watch.begin();
        ConsumerRecords<byte[], V> records = super.poll(patience);
        for (ConsumerRecord<byte[], V> record : records) {
            watch.read(record.value() == null ? 0 : size.applyAsInt(record.value()));
        }
        return records;
    }

    @Override
    public void close() {
        watch.end();
        super.close();
    }
}
