package dev.weir.benchmarks;

import dev.weir.clients.Connection;
import dev.weir.schemas.record.End;
import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.topic.Topics;
import dev.weir.schemas.wire.Registry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;

/**
 * When end records were written and manifests seen, as a read_committed reader of its own sees them. An end counts from
 * the time that its producer gave it, before it was committed; a manifest from when it is in hand.
 */
final class Arrivals implements AutoCloseable {
    private final Consumer<byte[], byte[]> consumer;
    private final Registry registry;
    private final Map<Long, Long> endOfStepMs = new ConcurrentHashMap<>();
    private final Map<String, Long> manifestMs = new ConcurrentHashMap<>();
    private final Thread thread;

    private Arrivals(Consumer<byte[], byte[]> consumer, Registry registry) {
        this.consumer = consumer;
        this.registry = registry;
        this.thread = Thread.ofPlatform().daemon().name("weir-bench-arrivals").unstarted(this::read);
    }

    static Arrivals watch(Connection connection, String model) {
        Consumer<byte[], byte[]> consumer = connection.consumer("read_committed", Map.of());
        Topics topics = new Topics(model);
        List<TopicPartition> partitions = new ArrayList<>();
        for (String topic : List.of(topics.deltas(), topics.snapshots())) {
            consumer.partitionsFor(topic)
                    .forEach(info -> partitions.add(new TopicPartition(info.topic(), info.partition())));
        }
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        partitions.forEach(consumer::position);
        Arrivals arrivals = new Arrivals(consumer, Registry.connectReadOnly(connection.registry(), Map.of()));
        arrivals.thread.start();
        return arrivals;
    }

    /** Milliseconds from a step's last end record to the last of these versions' manifests. */
    double endToManifestsMs(long step, Map<String, Long> versions, Duration patience)
            throws InterruptedException, TimeoutException {
        long deadline = System.nanoTime() + patience.toNanos();
        List<String> wanted = versions.entrySet().stream()
                .map(version -> version.getKey() + "/" + version.getValue())
                .toList();
        while (!manifestMs.keySet().containsAll(wanted) || !endOfStepMs.containsKey(step)) {
            if (System.nanoTime() > deadline) {
                throw new TimeoutException("step " + step + ": " + wanted + " were not all seen within " + patience);
            }
            Thread.sleep(1);
        }
        long last = wanted.stream().mapToLong(manifestMs::get).max().orElseThrow();
        return last - endOfStepMs.get(step);
    }

    private void read() {
        try {
            while (true) {
                for (ConsumerRecord<byte[], byte[]> next : consumer.poll(Duration.ofSeconds(1))) {
                    if (next.value() == null) {
                        continue;
                    }
                    SpecificRecord value = registry.codec().read(next.value());
                    if (value instanceof End end) {
                        endOfStepMs.merge(end.getStep(), next.timestamp(), Math::max);
                    } else if (value instanceof Manifest manifest) {
                        manifestMs.putIfAbsent(
                                manifest.getChannel() + "/" + manifest.getVersion(), System.currentTimeMillis());
                    }
                }
            }
        } catch (WakeupException closing) {
            consumer.close();
        }
    }

    @Override
    public void close() {
        consumer.wakeup();
    }
}
