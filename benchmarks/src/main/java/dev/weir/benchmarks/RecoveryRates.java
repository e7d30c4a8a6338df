package dev.weir.benchmarks;

import dev.weir.operators.kernel.Slabs;
import dev.weir.schemas.tensor.Crc;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.topology.config.KafkaSettings;
import dev.weir.topology.config.RunConfig;
import dev.weir.topology.config.RunConfigFile;
import dev.weir.topology.merge.KeyframePolicy;
import dev.weir.topology.merge.KeyframeReader;
import dev.weir.topology.merge.MergeClients;
import dev.weir.topology.merge.MergeTopology;
import dev.weir.topology.store.Folds;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteBufferDeserializer;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.StateRestoreListener;
import org.jspecify.annotations.Nullable;

/**
 * Restores a model in this process and says how long the loading of its keyframes and the fold of its log took, and how long
 * plain consumers take that checksum the same records.
 */
final class RecoveryRates {
    private final RecoveryModel model;
    private final RecordCodec codec;
    private final Admin admin;
    private final RunConfig config;
    /** Where the fold of each partition begins and ends, known after the first restore. */
    private final Map<TopicPartition, Range> folded = new ConcurrentHashMap<>();

    private record Range(long from, long to) {}

    /** Bytes of values and the seconds from the first reader's first poll to the last one's end. */
    record Pass(long bytes, double seconds) {
        static Pass of(Stopwatch watch) {
            return new Pass(watch.bytes(), watch.seconds());
        }

        double megabytesPerSecond() {
            return bytes / 1e6 / seconds;
        }
    }

    /** What a start reads; how many bytes the log has, {@link #readLog} says. */
    record Restored(Pass keyframe, double logSeconds) {}

    RecoveryRates(RecoveryModel model, RecordCodec codec, Admin admin) {
        this.model = model;
        this.codec = codec;
        this.admin = admin;
        this.config = RunConfigFile.parse(
                String.join(
                        "\n",
                        "model: " + RecoveryModel.NAME,
                        "role: merge",
                        "bootstrap: " + model.connection().bootstrap(),
                        "registry: " + model.connection().registry(),
                        "data: " + model.scratch().resolve("rates"),
                        "threads: " + RecoveryModel.PARTITIONS,
                        ""),
                Map.of());
    }

    /** The merge application's start: keyframe, then log. */
    Restored restore() throws InterruptedException {
        Stopwatch load = new Stopwatch();
        Stopwatch fold = new Stopwatch();
        CountDownLatch restored = new CountDownLatch(RecoveryModel.PARTITIONS);
        String id = model.topics().mergeApplicationId();
        KeyframeReader reader = new KeyframeReader(
                model.topics().keyframes(),
                model.topics().deltas(),
                id,
                codec,
                () -> new WatchedConsumer<>(
                        KafkaSettings.consumerToEnd(config), new ByteBufferDeserializer(), ByteBuffer::remaining, load),
                () -> new KafkaConsumer<>(KafkaSettings.consumerToEnd(config)),
                this::committed);
        Topology topology = MergeTopology.build(
                model.topics(),
                RecoveryModel.NAME,
                RecoveryModel.PARTITIONS,
                codec,
                partition -> 0,
                new Folds(),
                reader,
                new KeyframePolicy(id, 1_000_000, 0),
                config.stagingBytes());
        try (MergeClients clients = new MergeClients(model.topics().deltas(), codec);
                KafkaStreams streams = new KafkaStreams(topology, KafkaSettings.streams(config, id), clients)) {
            streams.setGlobalStateRestoreListener(new StateRestoreListener() {
                @Override
                public void onRestoreStart(TopicPartition partition, String store, long from, long to) {
                    folded.put(partition, new Range(from, to));
                    fold.begin();
                }

                @Override
                public void onBatchRestored(TopicPartition partition, String store, long offset, long records) {}

                @Override
                public void onRestoreEnd(TopicPartition partition, String store, long records) {
                    restored.countDown();
                }
            });
            streams.start();
            // What was read is folded a little later, and a task is not initialised before.
            while (streams.state() != KafkaStreams.State.RUNNING || restored.getCount() > 0) {
                if (streams.state().hasStartedOrFinishedShuttingDown()) {
                    throw new IllegalStateException("the application ended before it was restored");
                }
                Thread.sleep(5);
            }
            fold.end();
            streams.close(CloseOptions.timeout(Duration.ofSeconds(30))
                    .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
        }
        return new Restored(Pass.of(load), fold.seconds());
    }

    /** Plain consumers over the keyframes, each with a thread of its own. */
    Pass readKeyframes() throws ExecutionException, InterruptedException {
        return read(model.topics().keyframes(), Map.of(), false);
    }

    /** The same, and each record is copied to where a state of that size would begin: memory that is fresh from the system. */
    Pass keepKeyframes() throws ExecutionException, InterruptedException {
        return read(model.topics().keyframes(), Map.of(), true);
    }

    /** Plain consumers over what was folded of the log. */
    Pass readLog() throws ExecutionException, InterruptedException {
        return read(model.topics().deltas(), folded, false);
    }

    private Pass read(String topic, Map<TopicPartition, Range> ranges, boolean keep)
            throws ExecutionException, InterruptedException {
        Stopwatch watch = new Stopwatch();
        List<Future<?>> readers = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(RecoveryModel.PARTITIONS)) {
            for (int number = 0; number < RecoveryModel.PARTITIONS; number++) {
                TopicPartition partition = new TopicPartition(topic, number);
                readers.add(threads.submit(() -> read(partition, ranges.get(partition), keep, watch)));
            }
            for (Future<?> reader : readers) {
                reader.get();
            }
        }
        return Pass.of(watch);
    }

    private void read(TopicPartition partition, @Nullable Range range, boolean keep, Stopwatch watch) {
        int sum = 0;
        try (Slabs kept = new Slabs();
                KafkaConsumer<byte[], byte[]> consumer = new WatchedConsumer<>(
                        KafkaSettings.consumerToEnd(config),
                        new ByteArrayDeserializer(),
                        bytes -> bytes.length,
                        watch)) {
            List<TopicPartition> one = List.of(partition);
            consumer.assign(one);
            if (range == null) {
                consumer.seekToBeginning(one);
            } else {
                consumer.seek(partition, range.from());
            }
            long end = range == null ? consumer.endOffsets(one).getOrDefault(partition, 0L) : range.to();
            while (consumer.position(partition) < end) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                    sum ^= Crc.crc32c(ByteBuffer.wrap(record.value()));
                    if (keep) {
                        kept.allocate(record.value().length, 1).copyFrom(MemorySegment.ofArray(record.value()));
                    }
                }
            }
        }
        if (sum == Integer.MIN_VALUE) {
            throw new IllegalStateException("the compiler may not know that the sum is not needed");
        }
    }

    private long committed(TopicPartition partition) {
        try {
            OffsetAndMetadata offset = admin.listConsumerGroupOffsets(
                            model.topics().mergeApplicationId())
                    .partitionsToOffsetAndMetadata()
                    .get()
                    .get(partition);
            return offset == null ? -1 : offset.offset();
        } catch (InterruptedException | ExecutionException failed) {
            throw new IllegalStateException("the group's offsets cannot be had", failed);
        }
    }
}
