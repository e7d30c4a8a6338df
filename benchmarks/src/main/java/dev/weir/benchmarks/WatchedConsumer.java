package dev.weir.benchmarks;

import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/** A consumer that is timed from its first poll to its close and counts the bytes of the values that it gives. */
final class WatchedConsumer extends KafkaConsumer<byte[], byte[]> {
    private final Stopwatch watch;

    WatchedConsumer(Map<String, Object> settings, Stopwatch watch) {
        super(settings);
        this.watch = watch;
    }

    @Override
    public ConsumerRecords<byte[], byte[]> poll(Duration patience) {
        watch.begin();
        ConsumerRecords<byte[], byte[]> records = super.poll(patience);
        for (ConsumerRecord<byte[], byte[]> record : records) {
            watch.read(record.value() == null ? 0 : record.value().length);
        }
        return records;
    }

    @Override
    public void close() {
        watch.end();
        super.close();
    }
}
