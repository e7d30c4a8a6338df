package dev.weir.topology;

import dev.weir.schemas.topic.TopicAdmin;
import dev.weir.schemas.topic.Topics;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.schemas.wire.Registry;
import dev.weir.topology.compatibility.CompatibilityTopology;
import dev.weir.topology.config.KafkaSettings;
import dev.weir.topology.config.ProcessId;
import dev.weir.topology.config.RunConfig;
import dev.weir.topology.coordinate.CoordinateStatus;
import dev.weir.topology.coordinate.CoordinateTopology;
import dev.weir.topology.coordinate.Pinner;
import dev.weir.topology.coordinate.RocksDbLibrary;
import dev.weir.topology.merge.KeyframePolicy;
import dev.weir.topology.merge.KeyframeReader;
import dev.weir.topology.merge.MergeClients;
import dev.weir.topology.merge.MergeTopology;
import dev.weir.topology.status.HeapPeak;
import dev.weir.topology.status.Lags;
import dev.weir.topology.store.Folds;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteBufferDeserializer;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.ThreadMetadata;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One of the three applications of a model, running. */
public final class Application implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Application.class);

    private final RunConfig config;
    private final String applicationId;
    private final Admin admin;
    private final Registry registry;
    private final KafkaStreams streams;
    private final Facts facts;
    private final HeapPeak heapPeak = new HeapPeak();
    private final CompletableFuture<Void> running = new CompletableFuture<>();
    private final CompletableFuture<Throwable> failed = new CompletableFuture<>();

    private Application(
            RunConfig config, Admin admin, Registry registry, KafkaStreams streams, String applicationId, Facts facts) {
        this.config = config;
        this.applicationId = applicationId;
        this.admin = admin;
        this.registry = registry;
        this.facts = facts;
        this.streams = streams;
        facts.failure().thenAccept(failed::complete);
    }

    /** What a role says of itself, whether something beside its topology has failed, and how that is ended. */
    private record Facts(
            Supplier<Map<String, Object>> report, CompletableFuture<Throwable> failure, Consumer<Boolean> end) {}

    /**
     * Connects, checks the topics and starts. Returns before it runs; see {@link #awaitRunning}.
     *
     * @param pinner publishes baselines into deltas; asked by the coordinate application only
     * @throws IllegalStateException when topics are missing or not as the catalogue has them
     */
    public static Application start(RunConfig config, Pinner pinner) {
        Topics topics = new Topics(config.model());
        Admin admin = Admin.create(KafkaSettings.admin(config));
        try {
            int partitions = new TopicAdmin(admin).partitions(topics.deltas());
            if (partitions == 0) {
                throw new IllegalStateException("topic " + topics.deltas()
                        + ": is missing; allowed: the topics of the catalogue; run weir topics apply --model "
                        + config.model());
            }
            List<String> differences = new TopicAdmin(admin).verify(topics.catalogue(partitions));
            if (!differences.isEmpty()) {
                throw new IllegalStateException(
                        String.join("; ", differences) + "; run weir topics apply --model " + config.model());
            }
            Registry registry = Registry.connect(config.registry(), config.client());
            Application application = switch (config.role()) {
                case MERGE -> merge(config, topics, partitions, admin, registry);
                case COORDINATE -> coordinate(config, topics, partitions, admin, registry, pinner);
                case COMPATIBILITY -> compatibility(config, topics, admin, registry);
            };
            application.endFormerTransactions();
            application.run();
            return application;
        } catch (RuntimeException failed) {
            admin.close(Duration.ZERO);
            throw failed;
        }
    }

    /** Completes when it processes records, exceptionally when it cannot start. */
    public CompletableFuture<Void> awaitRunning() {
        return running;
    }

    /** Completes with the reason when it can not go on. */
    public CompletableFuture<Throwable> failure() {
        return failed;
    }

    public boolean healthy() {
        return streams.state().isRunningOrRebalancing() && !failed.isDone();
    }

    /** Whether it processes records as they come: its partitions, if it has any, are restored. */
    public boolean ready() {
        return streams.state() == KafkaStreams.State.RUNNING && !failed.isDone();
    }

    /** The status document. */
    public Map<String, Object> status() {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("role", config.role().name().toLowerCase(java.util.Locale.ROOT));
        document.put("model", config.model());
        document.put("state", streams.state().name().toLowerCase(java.util.Locale.ROOT));
        document.put("ready", ready());
        document.put("lagRecords", Lags.of(streams.metrics(), config.model()));
        document.put("heapPeakBytes", heapPeak.bytes());
        document.put("heapMaxBytes", Runtime.getRuntime().maxMemory());
        document.putAll(facts.report().get());
        return document;
    }

    @Override
    public void close() {
        boolean ended = streams.close(CloseOptions.timeout(Duration.ofSeconds(20))
                .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
        try {
            facts.end().accept(ended);
        } finally {
            registry.close();
            admin.close(Duration.ofSeconds(1));
        }
    }

    /**
     * Ends what a named instance's predecessor has left open. Kafka Streams does so for the threads that are given tasks;
     * for the others nobody would, because the process is a member of its group again.
     */
    private void endFormerTransactions() {
        if (config.instanceId() == null) {
            return;
        }
        String mine = ProcessId.transactions(config, applicationId);
        ListTransactionsOptions ongoing = new ListTransactionsOptions().filterStates(Set.of(TransactionState.ONGOING));
        try {
            List<String> open = admin.listTransactions(ongoing).all().get().stream()
                    .map(TransactionListing::transactionalId)
                    .filter(id -> id.startsWith(mine))
                    .toList();
            admin.fenceProducers(open).all().get();
        } catch (ExecutionException later) {
            LOG.warn("{}: what its predecessor left open ends when it times out", mine, later.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while ending the transactions of " + mine, interrupted);
        }
    }

    private void run() {
        streams.setStateListener((now, before) -> {
            if (now == KafkaStreams.State.RUNNING) {
                running.complete(null);
            }
        });
        streams.setUncaughtExceptionHandler(thrown -> {
            failed.complete(thrown);
            running.completeExceptionally(thrown);
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
        streams.start();
    }

    private static Application merge(RunConfig config, Topics topics, int partitions, Admin admin, Registry registry) {
        Folds folds = new Folds();
        String id = topics.mergeApplicationId();
        KeyframeReader reader = new KeyframeReader(
                topics.keyframes(),
                topics.deltas(),
                id,
                registry.codec(),
                () -> new KafkaConsumer<>(
                        KafkaSettings.consumerToEnd(config), new ByteArrayDeserializer(), new ByteBufferDeserializer()),
                () -> new KafkaConsumer<>(KafkaSettings.consumerToEnd(config)),
                partition -> committed(admin, id, partition));
        KeyframePolicy policy = new KeyframePolicy(id, config.keyframeDecisions(), config.keyframeBytes());
        Topology topology = MergeTopology.build(
                topics,
                config.model(),
                partitions,
                registry.codec(),
                tp -> logStart(admin, tp),
                folds,
                reader,
                policy,
                config.stagingBytes());
        AtomicReference<Set<String>> clients = new AtomicReference<>(Set.of());
        DeltasRetention retention =
                new DeltasRetention(admin, topics.deltas(), id, config.deltasRetentionMs(), folds, clients::get);
        MergeClients kafka = new MergeClients(topics.deltas(), registry.codec());
        Supplier<Map<String, Object>> report = () -> {
            Map<String, Object> all = report(folds);
            all.put("deltasKeptFrom", retention.starts());
            all.put("receivedBytes", kafka.receivedBytes());
            return all;
        };
        KafkaStreams streams = new KafkaStreams(topology, KafkaSettings.streams(config, id), kafka);
        Facts facts = new Facts(report, new CompletableFuture<>(), ended -> {
            retention.close();
            // A thread that has not ended may still look at payloads; then their memory goes with the process.
            if (ended) {
                kafka.close();
            }
        });
        Application application = new Application(config, admin, registry, streams, id, facts);
        clients.set(application.streams.metadataForLocalThreads().stream()
                .map(ThreadMetadata::consumerClientId)
                .collect(Collectors.toUnmodifiableSet()));
        return application;
    }

    private static KafkaStreams streams(RunConfig config, Topology topology, String applicationId) {
        return new KafkaStreams(topology, KafkaSettings.streams(config, applicationId));
    }

    private static long committed(Admin admin, String group, TopicPartition partition) {
        try {
            OffsetAndMetadata offset = admin.listConsumerGroupOffsets(group)
                    .partitionsToOffsetAndMetadata()
                    .get()
                    .get(partition);
            return offset == null ? -1 : offset.offset();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while asking for the offsets of " + group, interrupted);
        } catch (ExecutionException failed) {
            throw new IllegalStateException(group + ": its offsets are unknown: " + failed.getCause(), failed);
        }
    }

    private static Application compatibility(RunConfig config, Topics topics, Admin admin, Registry registry) {
        Folds folds = new Folds();
        Topology topology = CompatibilityTopology.build(
                topics, config.model(), registry.codec(), partition -> logStart(admin, partition), folds);
        Supplier<Map<String, Object>> report = () -> {
            Map<String, Object> all = report(folds);
            all.putAll(folds.facts());
            return all;
        };
        Facts facts = new Facts(report, new CompletableFuture<>(), ended -> {});
        return new Application(
                config,
                admin,
                registry,
                streams(config, topology, topics.compatibilityApplicationId()),
                topics.compatibilityApplicationId(),
                facts);
    }

    private static Map<String, Object> report(Folds folds) {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("partitions", folds.partitions());
        report.put("foldedAgain", folds.recordsFoldedAgain());
        report.put("records", folds.recordsFolded());
        report.put("longestFoldMs", folds.longestFoldMs());
        report.put("stateBytes", folds.stateBytes());
        report.put("counters", folds.counters());
        return report;
    }

    private static Application coordinate(
            RunConfig config, Topics topics, int partitions, Admin admin, Registry registry, Pinner pinner) {
        RocksDbLibrary.unpack(Path.of(config.data()));
        CoordinateStatus status = new CoordinateStatus();
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        RecordCodec codec = registry.codec();
        CoordinateTopology.Outside outside = new CoordinateTopology.Outside(
                () -> new KafkaConsumer<>(KafkaSettings.consumer(config)),
                () -> new KafkaProducer<>(KafkaSettings.producer(config)),
                pinner,
                failure::complete);
        List<TopicPartition> watched = topics.catalogue(partitions).stream()
                .flatMap(topic -> IntStream.range(0, topic.partitions())
                        .mapToObj(partition -> new TopicPartition(topic.name(), partition)))
                .toList();
        List<String> applications = List.of(
                topics.mergeApplicationId(), topics.coordinateApplicationId(), topics.compatibilityApplicationId());
        OrphanedTransactions orphaned = new OrphanedTransactions(admin, applications, watched);
        Topology topology = CoordinateTopology.build(
                topics, config.model(), partitions, config.checkpointTimeoutMs(), codec, status, outside);
        Supplier<Map<String, Object>> report = () -> {
            Map<String, Object> facts = status.document();
            facts.put("baselinePin", pinner.progress());
            facts.put("orphanedTransactions", orphaned.health());
            return facts;
        };
        return new Application(
                config,
                admin,
                registry,
                streams(config, topology, topics.coordinateApplicationId()),
                topics.coordinateApplicationId(),
                new Facts(report, failure, ended -> orphaned.close()));
    }

    private static long logStart(Admin admin, TopicPartition partition) {
        try {
            ListOffsetsResultInfo earliest = admin.listOffsets(Map.of(partition, OffsetSpec.earliest()))
                    .partitionResult(partition)
                    .get();
            return earliest.offset();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while asking for the start of " + partition, interrupted);
        } catch (ExecutionException failed) {
            throw new IllegalStateException(partition + ": its start is unknown: " + failed.getCause(), failed);
        }
    }
}
