package dev.weir.cli.option;

import dev.weir.cli.WeirException;
import dev.weir.clients.ClientException;
import dev.weir.clients.Connection;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Of every verb that talks to a running Weir; the defaults are what {@code weir up} opens. */
public final class ClientOptions {

    private static final Duration REACH = Duration.ofSeconds(10);

    @Option(
            names = "--bootstrap",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:9092",
            description = {"Kafka's bootstrap servers (default: ${DEFAULT-VALUE})."})
    private String bootstrap = "";

    @Option(
            names = "--registry",
            paramLabel = "URL",
            defaultValue = "http://127.0.0.1:8081/apis/ccompat/v7",
            description = "The schema registry (default: ${DEFAULT-VALUE}).")
    private String registry = "";

    @Option(
            names = "--http",
            paramLabel = "URL",
            defaultValue = "http://127.0.0.1:8080",
            description = "Weir's own HTTP address (default: ${DEFAULT-VALUE}).")
    private String http = "";

    @Option(
            names = "--client-config",
            paramLabel = "FILE",
            description = "Kafka client properties, such as SASL and TLS settings.")
    private @Nullable Path clientConfig;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = {
                "How long the verb waits: 10, 10s, 500ms, 2m. A broker has no more of it than 10 s to answer at all",
                "(default: 10 s, and what the verb says of its work)."
            })
    private @Nullable Duration timeout;

    public String bootstrap() {
        return bootstrap;
    }

    public String registry() {
        return trimmed(registry);
    }

    /** Without a slash at its end. */
    public String http() {
        return trimmed(http);
    }

    public Duration timeout() {
        return timeout == null ? REACH : timeout;
    }

    /** Whether {@code --timeout} was given; verbs that wait for work use their own default otherwise. */
    public boolean timeoutGiven() {
        return timeout != null;
    }

    /** Properties for any Kafka client: the file's, then the bootstrap servers. */
    public Map<String, Object> kafka() {
        Map<String, Object> properties = new TreeMap<>();
        if (clientConfig != null) {
            Properties file = new Properties();
            try (Reader reader = Files.newBufferedReader(clientConfig)) {
                file.load(reader);
            } catch (IOException | IllegalArgumentException e) {
                throw new WeirException(
                        "--client-config " + clientConfig,
                        "cannot be read as properties (" + e.getMessage() + ")",
                        "allowed: a file of key=value lines",
                        "check the path and its permissions",
                        e);
            }
            file.forEach((key, value) -> properties.put(key.toString(), value));
        }
        properties.put("bootstrap.servers", bootstrap);
        return properties;
    }

    /** Where Kafka and the registry are, for Weir's own clients. */
    public Connection connection() {
        Map<String, String> config = new TreeMap<>();
        kafka().forEach((key, value) -> config.put(key, String.valueOf(value)));
        return new Connection(bootstrap, registry(), config, patienceWithBroker());
    }

    /** Waiting long for work does not mean waiting long for a broker that is not there. */
    private Duration patienceWithBroker() {
        return timeout().compareTo(REACH) < 0 ? timeout() : REACH;
    }

    /** An admin client of a broker that has answered; the caller closes it. */
    public Admin reach() {
        Map<String, Object> properties = kafka();
        int limitMs = Math.toIntExact(patienceWithBroker().toMillis());
        properties.putIfAbsent("request.timeout.ms", limitMs);
        properties.putIfAbsent("default.api.timeout.ms", limitMs);
        @Nullable Admin admin = null;
        try {
            admin = Admin.create(properties);
            admin.describeCluster().clusterId().get(limitMs, TimeUnit.MILLISECONDS);
            return admin;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unreachable(admin, "interrupted", e);
        } catch (Exception e) {
            throw unreachable(admin, "no answer within " + limitMs + " ms", e);
        }
    }

    private RuntimeException unreachable(@Nullable Admin admin, String problem, Exception cause) {
        if (admin != null) {
            admin.close(Duration.ZERO);
        }
        Throwable reason = cause instanceof ExecutionException && cause.getCause() != null ? cause.getCause() : cause;
        if (reason instanceof KafkaException refused && !(reason instanceof TimeoutException)) {
            return ClientException.ofKafka("Kafka client", bootstrap, refused);
        }
        String detail = reason.getMessage() == null ? "" : " (" + reason.getMessage() + ")";
        return new WeirException(
                "broker " + bootstrap,
                problem + detail,
                "expected: a Kafka broker at --bootstrap",
                "start one with `weir up`, or give its address",
                cause);
    }

    private static String trimmed(String url) {
        return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    }
}
