package dev.weir.clients;

import dev.weir.schemas.topic.Topics;
import dev.weir.schemas.wire.Registry;
import dev.weir.schemas.wire.RegistryException;
import dev.weir.schemas.wire.Urls;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Where Kafka and the schema registry are, and how to get in.
 *
 * @param bootstrap Kafka's bootstrap servers
 * @param registry address of the schema registry
 * @param clientConfig settings of Kafka's clients, such as SASL and TLS; those that begin with {@code schema.registry.},
 *     {@code basic.auth.} or {@code bearer.auth.} go to the registry's client
 * @param reach how long a broker may take to answer
 */
public record Connection(String bootstrap, String registry, Map<String, String> clientConfig, Duration reach) {

    private static final List<String> OF_REGISTRY = List.of("schema.registry.", "basic.auth.", "bearer.auth.");
    /**
     * How long a broker holds back a fetch that finds nothing. Who has read to an end has asked for more, and what is asked next,
     * and the close, wait on the same connection behind that.
     */
    private static final int EMPTY_FETCH_MS = 20;

    /** Copies the settings. */
    public Connection {
        clientConfig = Map.copyOf(clientConfig);
    }

    /** A connection without further settings, to brokers that answer within 15 seconds. */
    public Connection(String bootstrap, String registry) {
        this(bootstrap, registry, Map.of(), Duration.ofSeconds(15));
    }

    /**
     * A consumer of bytes that belongs to no group and commits no offsets.
     *
     * @param isolation {@code read_committed} or {@code read_uncommitted}
     * @param tuning settings that {@link #clientConfig} may override
     */
    public Consumer<byte[], byte[]> consumer(String isolation, Map<String, ?> tuning) {
        Map<String, Object> config = settings(tuning);
        config.putIfAbsent("fetch.max.wait.ms", EMPTY_FETCH_MS);
        config.remove("group.id");
        config.put("isolation.level", isolation);
        config.put("enable.auto.commit", false);
        config.put("allow.auto.create.topics", false);
        config.put("auto.offset.reset", "none");
        config.put("default.api.timeout.ms", reachMs());
        return made(c -> new KafkaConsumer<>(c, new ByteArrayDeserializer(), new ByteArrayDeserializer()), config);
    }

    /**
     * A producer of bytes.
     *
     * @param tuning settings that {@link #clientConfig} may override
     * @param required settings that it may not
     */
    public Producer<byte[], byte[]> producer(Map<String, ?> tuning, Map<String, ?> required) {
        Map<String, Object> config = settings(tuning);
        config.putAll(required);
        config.put("max.block.ms", reachMs());
        return made(c -> new KafkaProducer<>(c, new ByteArraySerializer(), new ByteArraySerializer()), config);
    }

    /** The registry, for a client that writes: schemas that it lacks are registered. */
    public Registry registryForWriting() {
        return registry(config -> Registry.connect(registry, config));
    }

    /** The registry, for a client that reads. */
    public Registry registryForReading() {
        return registry(config -> Registry.connectReadOnly(registry, config));
    }

    /**
     * The topics of a model that exists.
     *
     * @param model its name
     * @param consumer any one of this connection
     * @return how many partitions its deltas have
     * @throws ClientException if the broker does not answer or has no topics of this model
     */
    public int partitionsOf(String model, Consumer<byte[], byte[]> consumer) {
        String deltas = topics(model).deltas();
        List<PartitionInfo> partitions;
        try {
            partitions = consumer.partitionsFor(deltas, reach);
        } catch (KafkaException e) {
            throw ClientException.ofKafka("model " + model, bootstrap, e);
        }
        if (partitions == null || partitions.isEmpty()) {
            throw new ClientException(
                    ClientException.Reason.MISSING,
                    "model " + model,
                    "has no topics at broker " + bootstrap,
                    "allowed: a model that a plan names",
                    "run `weir plan apply FILE`");
        }
        return partitions.size();
    }

    /**
     * The names of a model's topics.
     *
     * @throws ClientException if that is no name of a model
     */
    public static Topics topics(String model) {
        try {
            return new Topics(model);
        } catch (IllegalArgumentException e) {
            throw new ClientException(
                    ClientException.Reason.INVALID,
                    "model \"" + model + "\"",
                    "is no name of a model",
                    "allowed: 1 to 100 lower-case letters, digits, dots, underscores and hyphens, the first a letter"
                            + " or a digit",
                    "correct the name",
                    e);
        }
    }

    private Map<String, Object> settings(Map<String, ?> tuning) {
        Map<String, Object> config = new HashMap<>(tuning);
        // Nothing here is interested in telemetry, and its first exchange delays a short-lived client.
        config.put("enable.metrics.push", false);
        clientConfig.forEach((name, value) -> {
            if (OF_REGISTRY.stream().noneMatch(name::startsWith)) {
                config.put(name, value);
            }
        });
        config.put("bootstrap.servers", bootstrap);
        return config;
    }

    private int reachMs() {
        return (int) Math.min(reach.toMillis(), Integer.MAX_VALUE);
    }

    private <T> T made(Function<Map<String, Object>, T> maker, Map<String, Object> config) {
        try {
            return maker.apply(config);
        } catch (KafkaException e) {
            throw ClientException.ofKafka("Kafka client", bootstrap, e);
        }
    }

    private Registry registry(Function<Map<String, String>, Registry> opener) {
        Map<String, String> config = new TreeMap<>();
        clientConfig.forEach((name, value) -> {
            if (OF_REGISTRY.stream().anyMatch(name::startsWith)) {
                config.put(name, value);
            }
        });
        try {
            return opener.apply(config);
        } catch (RegistryException e) {
            throw new ClientException(
                    ClientException.Reason.FAILED,
                    "registry " + Urls.masked(registry),
                    String.valueOf(e.getMessage()),
                    "",
                    e.retriable() ? "start one with `weir up`, or give its address" : "",
                    e);
        }
    }
}
