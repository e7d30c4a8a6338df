package dev.weir.topology.config;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The keys of a run configuration, once: name, default and meaning. */
public enum ConfigKey {
    MODEL(null, "name of the model"),
    ROLE(null, "merge, coordinate or compatibility"),
    BOOTSTRAP("127.0.0.1:9092", "host:port of Kafka's brokers, joined by commas"),
    REGISTRY("http://127.0.0.1:8081/apis/ccompat/v7", "URL of the schema registry"),
    HTTP_PORT("0", "port of health and status; 0: any free one"),
    HTTP_HOST("127.0.0.1", "address that health and status listen on"),
    DATA("./.weir-data", "folder for the little that Kafka Streams keeps on disk"),
    THREADS("1", "stream threads; partitions are shared among them"),
    INSTANCE_ID("", "name by which a restarted process is known again at once; empty: none"),
    SESSION_TIMEOUT_MS("10000", "after so long without a heartbeat another instance takes over"),
    TRANSACTION_TIMEOUT_MS("15000", "after so long the broker ends a dead instance's transaction"),
    COMMIT_INTERVAL_MS("200", "longest time between commits; decisions and snapshots are committed at once"),
    CHECKPOINT_TIMEOUT_MS("600000", "a checkpoint that is not complete so long after its first record is given up");

    private final @Nullable String byDefault;
    private final String doc;

    ConfigKey(@Nullable String byDefault, String doc) {
        this.byDefault = byDefault;
        this.doc = doc;
    }

    /** As the file spells it. */
    public String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The environment variable that overrides it. */
    public String variable() {
        return "WEIR_" + name();
    }

    /** Its default; null: it must be given. */
    public @Nullable String byDefault() {
        return byDefault;
    }

    public String doc() {
        return doc;
    }

    static String known() {
        return Arrays.stream(values()).map(ConfigKey::key).collect(Collectors.joining(", ")) + ", client";
    }
}
