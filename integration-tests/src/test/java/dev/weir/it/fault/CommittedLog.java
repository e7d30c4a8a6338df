package dev.weir.it.fault;

import dev.weir.schemas.topic.Topics;
import dev.weir.schemas.wire.RecordCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Everything that a read_committed reader gets of a model's fold, tombstones left out.
 *
 * @param topics names of the topics
 * @param partitions of deltas and merged
 * @param values by topic and partition, in order
 */
record CommittedLog(Topics topics, int partitions, Map<String, List<SpecificRecord>> values) {
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    static CommittedLog read(Cluster cluster, RecordCodec codec, Topics topics, int partitions) {
        Map<String, List<SpecificRecord>> values = new TreeMap<>();
        List<TopicPartition> sources = new ArrayList<>();
        for (int partition = 0; partition < partitions; partition++) {
            sources.add(new TopicPartition(topics.deltas(), partition));
            sources.add(new TopicPartition(topics.merged(), partition));
        }
        for (String topic : List.of(topics.acks(), topics.decisions(), topics.snapshots())) {
            sources.add(new TopicPartition(topic, 0));
        }
        for (TopicPartition source : sources) {
            values.put(source.toString(), read(cluster, codec, source));
        }
        return new CommittedLog(topics, partitions, values);
    }

    List<SpecificRecord> deltas(int partition) {
        return of(topics.deltas(), partition);
    }

    List<SpecificRecord> merged(int partition) {
        return of(topics.merged(), partition);
    }

    List<SpecificRecord> acks() {
        return of(topics.acks(), 0);
    }

    List<SpecificRecord> decisions() {
        return of(topics.decisions(), 0);
    }

    List<SpecificRecord> snapshots() {
        return of(topics.snapshots(), 0);
    }

    /** The same with one partition changed. */
    CommittedLog with(String topic, int partition, UnaryOperator<List<SpecificRecord>> change) {
        Map<String, List<SpecificRecord>> changed = new TreeMap<>(values);
        changed.put(topic + "-" + partition, change.apply(new ArrayList<>(of(topic, partition))));
        return new CommittedLog(topics, partitions, changed);
    }

    private List<SpecificRecord> of(String topic, int partition) {
        return values.get(topic + "-" + partition);
    }

    private static List<SpecificRecord> read(Cluster cluster, RecordCodec codec, TopicPartition source) {
        List<SpecificRecord> values = new ArrayList<>();
        try (Consumer<byte[], byte[]> consumer = cluster.connection().consumer("read_committed", Map.of())) {
            consumer.assign(List.of(source));
            consumer.seekToBeginning(List.of(source));
            long end = consumer.endOffsets(List.of(source)).get(source);
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (consumer.position(source) < end) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    if (record.value() != null) {
                        values.add(codec.read(record.value(), record.headers(), false));
                    }
                }
                if (System.nanoTime() > deadline) {
                    throw new AssertionError(source + " can not be read to its end " + end);
                }
            }
        }
        return values;
    }
}
