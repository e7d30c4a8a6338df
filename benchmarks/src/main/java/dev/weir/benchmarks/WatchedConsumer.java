package dev.weir.benchmarks;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/**
 * A consumer that is timed from its first poll to its close and counts the bytes of the values that it gives, where it reads
 * the topic that is watched: a start also reads again what is beyond the staging budget, of another topic.
 */
final class WatchedConsumer extends KafkaConsumer<byte[], byte[]> {
    private final String topic;
    private final Stopwatch watch;
    private boolean watched;

    WatchedConsumer(Map<String, Object> settings, String topic, Stopwatch watch) {
        super(settings);
        this.topic = topic;
        this.watch = watch;
    }

    @Override
    public void assign(Collection<TopicPartition> partitions) {
        watched = partitions.stream().allMatch(partition -> partition.topic().equals(topic));
        super.assign(partitions);
    }

    @Override
    public ConsumerRecords<byte[], byte[]> poll(Duration patience) {
        if (!watched) {
            return super.poll(patience);
        }
        watch.begin();
        ConsumerRecords<byte[], byte[]> records = super.poll(patience);
        for (ConsumerRecord<byte[], byte[]> record : records) {
            watch.read(record.value() == null ? 0 : record.value().length);
        }
        return records;
    }

    @Override
    public void close() {
        if (watched) {
            watch.end();
        }
        super.close();
    }
}
