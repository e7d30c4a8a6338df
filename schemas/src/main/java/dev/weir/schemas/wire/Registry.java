package dev.weir.schemas.wire;

import io.confluent.kafka.schemaregistry.ParsedSchema;
import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.avro.AvroSchemaProvider;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClientConfig;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClientFactory;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a schema registry that knows every schema of the protocol. Several processes may connect at once:
 * each registers what is missing, and the same schema gets the same id.
 */
public final class Registry implements AutoCloseable {
    private static final int CACHED_SCHEMAS = 1_000;
    private static final int AT_A_TIME = 8;

    private final Subjects subjects;
    private final SchemaRegistryClient client;
    private final RecordCodec codec;

    private Registry(String url, SchemaRegistryClient client, boolean register) {
        this.client = client;
        subjects = new Subjects(Urls.masked(url), client);
        ToIntFunction<RecordType> id = register ? subjects::register : subjects::require;
        codec = new RecordCodec(ids(id), this::byId);
    }

    /** Asks for several at a time: a short-lived client would otherwise spend most of its life on these round trips. */
    private static Map<RecordType, Integer> ids(ToIntFunction<RecordType> id) {
        ExecutorService threads = Executors.newFixedThreadPool(AT_A_TIME);
        try {
            Map<RecordType, Future<Integer>> asked = new HashMap<>();
            Protocol.TYPES.forEach(type -> asked.put(type, threads.submit(() -> id.applyAsInt(type))));
            Map<RecordType, Integer> ids = new HashMap<>();
            for (RecordType type : Protocol.TYPES) {
                ids.put(type, answer(type, asked.get(type)));
            }
            return ids;
        } finally {
            threads.shutdownNow();
        }
    }

    private static int answer(RecordType type, @Nullable Future<Integer> asked) {
        try {
            return Objects.requireNonNull(asked).get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException) {
                throw (RuntimeException) e.getCause();
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw RegistryException.unavailable("subject " + type.name() + ": interrupted while it was looked up", e);
        }
    }

    /**
     * Connects and registers the schemas of the protocol that are missing, each under its record's full name. A new
     * subject gets the compatibility {@code FULL_TRANSITIVE}.
     *
     * @param url one or more addresses, separated by commas, or {@code mock://name} for one inside this process
     * @param config settings of Confluent's client, such as {@code basic.auth.user.info}
     * @return the connection
     * @throws RegistryException if the registry does not answer, or has a schema that ours is not compatible with
     */
    public static Registry connect(String url, Map<String, ?> config) {
        return open(url, config, true);
    }

    /**
     * Connects and looks the schemas of the protocol up, registering none.
     *
     * @param url as in {@link #connect}
     * @param config as in {@link #connect}
     * @return the connection
     * @throws RegistryException if the registry does not answer, or lacks a schema of this build
     */
    public static Registry connectReadOnly(String url, Map<String, ?> config) {
        return open(url, config, false);
    }

    /**
     * Every record of the protocol.
     *
     * @return the schemas as they are registered
     */
    public static List<Schema> protocol() {
        return Protocol.TYPES.stream().map(RecordType::published).collect(Collectors.toUnmodifiableList());
    }

    /**
     * The codec of this registry's ids.
     *
     * @return a codec that many threads may share
     */
    public RecordCodec codec() {
        return codec;
    }

    @Override
    public void close() {
        closeClient(client);
    }

    private static Registry open(String url, Map<String, ?> config, boolean register) {
        Map<String, Object> settings = new HashMap<>();
        settings.put(SchemaRegistryClientConfig.HTTP_CONNECT_TIMEOUT_MS, 4_000);
        settings.put(SchemaRegistryClientConfig.HTTP_READ_TIMEOUT_MS, 6_000);
        settings.put(SchemaRegistryClientConfig.MISSING_CACHE_SIZE_CONFIG, 10_000);
        settings.put(SchemaRegistryClientConfig.MISSING_ID_CACHE_TTL_CONFIG, 10L);
        settings.putAll(config);
        SchemaRegistryClient client = client(url, settings);
        try {
            return new Registry(url, client, register);
        } catch (RuntimeException e) {
            closeClient(client);
            throw e;
        }
    }

    private static SchemaRegistryClient client(String url, Map<String, ?> settings) {
        try {
            return SchemaRegistryClientFactory.newClient(
                    List.of(url.split(",")), CACHED_SCHEMAS, List.of(new AvroSchemaProvider()), settings, Map.of());
        } catch (RuntimeException e) {
            throw RegistryException.refused(
                    "registry " + Urls.masked(url) + ": " + e.getMessage()
                            + "; allowed: http://host:port, https://host:port, mock://name"
                            + "; next: correct the address or the client's settings",
                    e);
        }
    }

    private static void closeClient(SchemaRegistryClient client) {
        try {
            client.close();
        } catch (IOException e) {
            throw RegistryException.unavailable("registry client: did not close: " + e.getMessage(), e);
        }
    }

    private Schema byId(int schemaId) {
        if (schemaId < 0) {
            throw unknown(schemaId, "is negative");
        }
        try {
            ParsedSchema schema = client.getSchemaById(schemaId);
            if (schema instanceof AvroSchema) {
                return ((AvroSchema) schema).rawSchema();
            }
            throw unknown(schemaId, "is no Avro schema");
        } catch (RestClientException e) {
            if (e.getStatus() == 404) {
                throw unknown(schemaId, "is not in the registry");
            }
            throw subjects.failed("schema " + schemaId, e);
        } catch (IOException e) {
            if (String.valueOf(e.getMessage()).startsWith("Invalid schema")) {
                throw unknown(schemaId, "is no Avro schema");
            }
            throw subjects.failed("schema " + schemaId, e);
        }
    }

    private static BadRecordException unknown(int schemaId, String what) {
        return new BadRecordException(
                BadRecordException.UNKNOWN_SCHEMA,
                "schema " + schemaId + " " + what + "; allowed: Avro schemas of the registry that this reader uses"
                        + "; next: let writer and reader use the same registry");
    }
}
