package dev.weir.topology.config;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;

/** Kafka's settings for records of a megabyte, with the reason beside each. */
public final class KafkaSettings {
    private static final int MIB = 1 << 20;
    /** The system grows it as it is needed. */
    private static final int SYSTEM_BUFFER = -1;

    /** Eight chunks of 960 KiB and their records' heads: of a ninth, what fits would come as well, and come again. */
    private static final int PARTITION_FETCH = 8 * (961 << 10);

    private KafkaSettings() {}

    /** Settings of a Streams application. */
    public static Properties streams(RunConfig config, String applicationId) {
        Properties settings = new Properties();
        settings.putAll(config.client());
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, applicationId);
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, config.bootstrap());
        settings.put(
                StreamsConfig.STATE_DIR_CONFIG,
                Path.of(config.data()).toAbsolutePath().toString());
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, config.threads());
        settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, config.commitIntervalMs());
        settings.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
        // Both buffers count records, not bytes: the defaults of 1,000 would hold a gigabyte a partition. A poll
        // may give all its records to one partition, so that one holds both together.
        settings.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, 8);
        // A chunk is copied when it is polled and checked when it is processed, which finds it in the processor's own
        // cache only where no other one was copied in between. Records of the other applications are small.
        settings.put(
                StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG),
                config.role() == RunConfig.Role.MERGE ? 1 : 16);
        // What is restored is polled by one thread and folded by another, to which it is handed a poll at a time.
        settings.put(
                StreamsConfig.restoreConsumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG),
                config.role() == RunConfig.Role.MERGE ? 8 : 16);
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.FETCH_MAX_BYTES_CONFIG), 16 * MIB);
        // The consumer reads its socket only when it is polled: what comes while records are folded waits in the
        // system's
        // buffer, which the default holds to 64 KiB.
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.RECEIVE_BUFFER_CONFIG), SYSTEM_BUFFER);
        // Verdicts are records, so the coordinator need not wait to take its two sources in order of time.
        settings.put(StreamsConfig.MAX_TASK_IDLE_MS_CONFIG, StreamsConfig.MAX_TASK_IDLE_MS_DISABLED);
        settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
        // In records; the default of 10,000 would call a standby that lacks ten gigabytes caught up.
        settings.put(StreamsConfig.ACCEPTABLE_RECOVERY_LAG_CONFIG, 64);
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG), PARTITION_FETCH);
        // For so long a thread that waits for records does not see that it has something to commit.
        settings.put(StreamsConfig.POLL_MS_CONFIG, 20L);
        // A producer that has just learnt who coordinates waits for so long before it asks: when it starts, and in its
        // first commit. As long as Kafka's own producer waits where a transaction's predecessor is not complete.
        if (!config.client().containsKey(ProducerConfig.RETRY_BACKOFF_MS_CONFIG)) {
            settings.putIfAbsent(StreamsConfig.producerPrefix(ProducerConfig.RETRY_BACKOFF_MS_CONFIG), 20L);
        }
        settings.put(
                StreamsConfig.mainConsumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), config.sessionTimeoutMs());
        settings.put(
                StreamsConfig.mainConsumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG),
                config.sessionTimeoutMs() / 3);
        settings.put(StreamsConfig.mainConsumerPrefix(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG), 900_000);
        if (config.instanceId() != null) {
            ProcessId.fix(Path.of(config.data()).toAbsolutePath(), applicationId, config.instanceId());
            settings.put(
                    StreamsConfig.mainConsumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG), config.instanceId());
        }
        settings.put(
                StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG), config.transactionTimeoutMs());
        largeRecords(settings, StreamsConfig.PRODUCER_PREFIX);
        return settings;
    }

    /** Settings of a plain consumer: read_committed, in no group. */
    public static Map<String, Object> consumer(RunConfig config) {
        Map<String, Object> settings = new HashMap<>(config.client());
        settings.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, config.bootstrap());
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, PARTITION_FETCH);
        settings.put(ConsumerConfig.RECEIVE_BUFFER_CONFIG, SYSTEM_BUFFER);
        settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 64);
        settings.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        settings.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        return settings;
    }

    /**
     * As {@link #consumer}, for reading up to an end: what is asked next, and the close, wait on the same connection behind a
     * fetch that finds nothing, so that one is answered soon.
     */
    public static Map<String, Object> consumerToEnd(RunConfig config) {
        Map<String, Object> settings = consumer(config);
        settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 10);
        return settings;
    }

    /** Settings of a plain producer without transactions. */
    public static Map<String, Object> producer(RunConfig config) {
        Map<String, Object> settings = new HashMap<>(config.client());
        settings.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, config.bootstrap());
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        settings.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        settings.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        return settings;
    }

    /** Settings of an admin client. */
    public static Map<String, Object> admin(RunConfig config) {
        Map<String, Object> settings = new HashMap<>(config.client());
        settings.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, config.bootstrap());
        return settings;
    }

    private static void largeRecords(Map<Object, Object> settings, String prefix) {
        settings.put(prefix + ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 4 * MIB);
        // The pool recycles buffers of exactly this size; larger records are allocated afresh each time.
        settings.put(prefix + ProducerConfig.BATCH_SIZE_CONFIG, MIB + (64 << 10));
        // A producer for each stream thread.
        settings.put(prefix + ProducerConfig.BUFFER_MEMORY_CONFIG, 32L * MIB);
        // A snapshot is wanted at once; the Streams default waits 100 ms for company.
        settings.put(prefix + ProducerConfig.LINGER_MS_CONFIG, 0);
        // Weights do not compress as they are.
        settings.put(prefix + ProducerConfig.COMPRESSION_TYPE_CONFIG, "none");
        settings.put(prefix + ProducerConfig.SEND_BUFFER_CONFIG, SYSTEM_BUFFER);
    }
}
