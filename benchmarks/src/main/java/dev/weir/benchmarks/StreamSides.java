package dev.weir.benchmarks;

import dev.weir.clients.Connection;
import dev.weir.schemas.topic.TopicAdmin;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.topology.IdleCommit;
import dev.weir.topology.config.KafkaSettings;
import dev.weir.topology.config.RunConfig;
import dev.weir.topology.config.RunConfigFile;
import dev.weir.topology.merge.KeyframePolicy;
import dev.weir.topology.merge.KeyframeReader;
import dev.weir.topology.merge.MergeClients;
import dev.weir.topology.merge.MergeTopology;
import dev.weir.topology.store.Folds;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.ByteBufferDeserializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/** What is compared by {@link StreamBench}: each reads the same kind of log once and says how long it took. */
final class StreamSides implements AutoCloseable {
    private static final List<String> FETCHES = List.of(
            ConsumerConfig.FETCH_MAX_BYTES_CONFIG,
            ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
            ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
            ConsumerConfig.RECEIVE_BUFFER_CONFIG);

    private final BenchBroker broker;
    private final Connection connection;
    private final RecordCodec codec;
    private final Path scratch;
    private final Admin admin;
    private final BenchTopics topics;

    StreamSides(BenchBroker broker, Connection connection, RecordCodec codec, Path scratch) {
        this.broker = broker;
        this.connection = connection;
        this.codec = codec;
        this.scratch = scratch;
        this.admin = Admin.create(Map.of("bootstrap.servers", connection.bootstrap()));
        this.topics = new BenchTopics(admin);
    }

    /** One side. */
    interface Side {
        String name();

        /** What it costs from its first record to its last committed one. */
        StreamCost cost(int round) throws Exception;
    }

    private record Named(String name, Run run) implements Side {
        interface Run {
            StreamCost cost(int round) throws Exception;
        }

        @Override
        public StreamCost cost(int round) throws Exception {
            return run.cost(round);
        }
    }

    /** Makes the topics of a log and writes it. */
    void fill(StreamLog log) {
        new TopicAdmin(admin).create(log.topics().catalogue(log.partitions()), (short) 1);
        log.write(connection, codec);
    }

    /** The merge application. */
    Side weir(String name, StreamLog log) {
        return new Named(name, round -> {
            String id = "bench-" + log.model() + "-" + round;
            RunConfig config = config(log, id);
            Folds folds = new Folds();
            KeyframeReader reader = new KeyframeReader(
                    log.topics().keyframes(),
                    log.topics().deltas(),
                    id,
                    codec,
                    () -> new KafkaConsumer<>(
                            KafkaSettings.consumerToEnd(config),
                            new ByteArrayDeserializer(),
                            new ByteBufferDeserializer()),
                    () -> new KafkaConsumer<>(KafkaSettings.consumerToEnd(config)),
                    partition -> -1);
            Topology topology = MergeTopology.build(
                    log.topics(),
                    log.model(),
                    log.partitions(),
                    codec,
                    partition -> 0,
                    folds,
                    reader,
                    new KeyframePolicy(id, config.keyframeDecisions(), config.keyframeBytes()),
                    config.stagingBytes());
            StreamCost cost;
            try (MergeClients clients = new MergeClients(log.topics().deltas(), codec)) {
                cost = streams(
                        settings -> new KafkaStreams(topology, settings, clients),
                        config,
                        id,
                        log,
                        folds::recordsFolded);
            }
            topics.renew(log.topics().catalogue(log.partitions()).stream()
                    .filter(topic -> List.of(log.topics().merged(), log.topics().keyframes())
                            .contains(topic.name()))
                    .toList());
            return cost;
        });
    }

    /** A processor that forwards what it is given. */
    Side passThrough(String name, StreamLog log) {
        return new Named(name, round -> {
            String id = "bench-pass-through-" + round;
            String out = "pass-through-out";
            topics.create(List.of(BenchTopics.likeMerged(out, log)));
            AtomicLong passed = new AtomicLong();
            Topology topology = new Topology();
            topology.addSource(
                    "in",
                    new ByteArrayDeserializer(),
                    new ByteArrayDeserializer(),
                    log.topics().deltas());
            topology.addProcessor("pass", () -> new Pass(passed), "in");
            topology.addSink("out", out, new ByteArraySerializer(), new ByteArraySerializer(), "pass");
            StreamCost cost =
                    streams(settings -> new KafkaStreams(topology, settings), config(log, id), id, log, passed::get);
            admin.deleteTopics(List.of(out)).all().get();
            return cost;
        });
    }

    /**
     * Plain consumers that share the partitions, each in a thread of its own.
     *
     * @param consumers at most one a partition
     */
    Side consumers(String name, StreamLog log, int consumers, boolean checksum) {
        return new Named(name, round -> {
            List<List<TopicPartition>> shares = new ArrayList<>();
            for (int i = 0; i < consumers; i++) {
                shares.add(new ArrayList<>());
            }
            log.sources()
                    .forEach(
                            source -> shares.get(source.partition() % consumers).add(source));
            try (PlainReaders readers = new PlainReaders(shares, consumerSettings(log), checksum)) {
                CostMeter meter = new CostMeter(broker, log);
                readers.read(meter::begin);
                return meter.cost();
            }
        });
    }

    /** The fetches of a stream thread's consumer, without its group. */
    private Map<String, Object> consumerSettings(StreamLog log) {
        RunConfig config = config(log, "bench-consumer");
        Map<String, Object> ofStreams = new StreamsConfig(KafkaSettings.streams(config, "bench-consumer"))
                .getMainConsumerConfigs("bench-consumer", "bench-consumer", 0);
        Map<String, Object> settings = KafkaSettings.consumer(config);
        FETCHES.forEach(key -> settings.put(key, ofStreams.get(key)));
        return settings;
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(5));
    }

    private StreamCost streams(
            Function<Properties, KafkaStreams> open, RunConfig config, String id, StreamLog log, LongSupplier records)
            throws Exception {
        Properties settings = KafkaSettings.streams(config, id);
        settings.put(StreamsConfig.mainConsumerPrefix("auto.offset.reset"), "earliest");
        Map<TopicPartition, Long> ends = ends(log.sources());
        long all = ends.values().stream().mapToLong(Long::longValue).sum();
        try (KafkaStreams streams = open.apply(settings)) {
            streams.start();
            await(streams, records, 1);
            CostMeter meter = new CostMeter(broker, log);
            meter.begin();
            await(streams, records, all);
            while (!committed(id, ends)) {
                check(streams);
                Thread.sleep(2);
            }
            return meter.cost();
        }
    }

    private static void await(KafkaStreams streams, LongSupplier records, long count) throws InterruptedException {
        while (records.getAsLong() < count) {
            check(streams);
            Thread.sleep(1);
        }
    }

    private static void check(KafkaStreams streams) {
        if (streams.state().hasStartedOrFinishedShuttingDown()) {
            throw new IllegalStateException("the application ended before the log did");
        }
    }

    private Map<TopicPartition, Long> ends(List<TopicPartition> sources) {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", connection.bootstrap()),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            return consumer.endOffsets(sources);
        }
    }

    private boolean committed(String group, Map<TopicPartition, Long> ends)
            throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetAndMetadata> offsets = admin.listConsumerGroupOffsets(group)
                .partitionsToOffsetAndMetadata()
                .get();
        return ends.entrySet().stream().allMatch(end -> {
            OffsetAndMetadata offset = offsets.get(end.getKey());
            return offset != null && offset.offset() >= end.getValue();
        });
    }

    private RunConfig config(StreamLog log, String id) {
        return RunConfigFile.parse(
                String.join(
                        "\n",
                        "model: " + log.model(),
                        "role: merge",
                        "bootstrap: " + connection.bootstrap(),
                        "registry: " + connection.registry(),
                        "data: " + scratch.resolve(id),
                        "threads: " + log.partitions(),
                        ""),
                Map.of());
    }

    /** Waits until nothing waits for the disk any more. */
    static void settle() throws IOException, InterruptedException {
        new ProcessBuilder("sync").start().waitFor();
    }

    /** Forwards a record to where it came from. */
    private static final class Pass extends ContextualProcessor<byte[], byte[], byte[], byte[]> {
        private final AtomicLong passed;
        private @Nullable IdleCommit idle;

        Pass(AtomicLong passed) {
            this.passed = passed;
        }

        @Override
        public void init(ProcessorContext<byte[], byte[]> context) {
            super.init(context);
            idle = new IdleCommit(context, passed::get);
        }

        @Override
        public void process(Record<byte[], byte[]> record) {
            passed.incrementAndGet();
            context().forward(record);
            Objects.requireNonNull(idle).said();
        }
    }
}
