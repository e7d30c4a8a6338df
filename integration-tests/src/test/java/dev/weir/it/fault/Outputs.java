package dev.weir.it.fault;

import dev.weir.schemas.record.Applied;
import dev.weir.schemas.record.Opened;
import dev.weir.schemas.record.Staged;
import dev.weir.schemas.record.Staging;
import dev.weir.schemas.topic.Topics;
import dev.weir.schemas.wire.RecordCodec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** Notes by nanoTime when readers got what the applications wrote: one that takes it as it comes, and one of what is committed. */
final class Outputs implements AutoCloseable {
    private final RecordCodec codec;
    private final Topics topics;
    /** By "what is noted": the offset and the nanosecond at which it was seen. */
    private final Map<String, NavigableMap<Long, Long>> seen = new ConcurrentHashMap<>();

    private final List<Thread> threads;
    private volatile boolean closed;

    Outputs(Cluster cluster, RecordCodec codec, Topics topics, int partitions) {
        this.codec = codec;
        this.topics = topics;
        List<TopicPartition> merged = java.util.stream.IntStream.range(0, partitions)
                .mapToObj(partition -> new TopicPartition(topics.merged(), partition))
                .toList();
        threads = List.of(
                follow(cluster, "read_uncommitted", List.of(only(topics.acks()), only(topics.coordinateChangelog()))),
                follow(cluster, "read_committed", merged),
                follow(cluster, "read_committed", List.of(only(topics.snapshots()))));
    }

    /** When a task's first acknowledgement from an offset of acks on was seen, committed or not. */
    OptionalLong folded(int partition, long fromOffset, long afterNanos) {
        return first("folded " + partition, fromOffset, afterNanos);
    }

    /** When a change of the coordinator's state from an offset of its changelog on was seen, committed or not. */
    OptionalLong coordinated(long fromOffset, long afterNanos) {
        return first(topics.coordinateChangelog() + "-0", fromOffset, afterNanos);
    }

    /** When a committed merged chunk from an offset on was seen. */
    OptionalLong merged(int partition, long fromOffset, long afterNanos) {
        return first(topics.merged() + "-" + partition, fromOffset, afterNanos);
    }

    /** When a committed manifest from an offset on was seen. */
    OptionalLong manifest(long fromOffset, long afterNanos) {
        return first(topics.snapshots() + "-0", fromOffset, afterNanos);
    }

    @Override
    public void close() {
        closed = true;
        threads.forEach(thread -> {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private OptionalLong first(String what, long fromOffset, long afterNanos) {
        return seen.getOrDefault(what, new ConcurrentSkipListMap<>()).tailMap(fromOffset, true).values().stream()
                .mapToLong(Long::longValue)
                .filter(at -> at - afterNanos > 0)
                .findFirst();
    }

    private Thread follow(Cluster cluster, String isolation, List<TopicPartition> partitions) {
        return Thread.ofPlatform().name("outputs " + isolation).daemon().start(() -> {
            try (Consumer<byte[], byte[]> consumer = cluster.connection()
                    .consumer(isolation, Map.of("fetch.max.wait.ms", 50, "auto.offset.reset", "earliest"))) {
                consumer.assign(partitions);
                consumer.seekToBeginning(partitions);
                while (!closed) {
                    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(50))) {
                        note(record, System.nanoTime());
                    }
                }
            }
        });
    }

    private void note(ConsumerRecord<byte[], byte[]> record, long now) {
        String what = record.topic() + "-" + record.partition();
        if (record.topic().equals(topics.acks())) {
            int partition = switch (codec.read(record.value(), record.headers(), false)) {
                case Opened opened -> opened.getPartition();
                case Staging staging -> staging.getPartition();
                case Staged staged -> staged.getPartition();
                case Applied applied -> applied.getPartition();
                default -> -1;
            };
            what = "folded " + partition;
        }
        seen.computeIfAbsent(what, key -> new ConcurrentSkipListMap<>()).put(record.offset(), now);
    }

    private static TopicPartition only(String topic) {
        return new TopicPartition(topic, 0);
    }
}
