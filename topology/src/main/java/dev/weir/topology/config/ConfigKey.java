package dev.weir.topology.config;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The keys of a run configuration, once: name, default and meaning. */
public enum ConfigKey {
    MODEL(null, "a letter or digit, then up to 99 of a-z 0-9 . _ -", "name of the model"),
    ROLE(null, "merge, coordinate or compatibility", "which of the three applications"),
    BOOTSTRAP("127.0.0.1:9092", "HOST:PORT, joined by commas", "Kafka's brokers"),
    REGISTRY("http://127.0.0.1:8081/apis/ccompat/v7", "a URL", "the schema registry"),
    HTTP_PORT("0", 0, 65_535, "port of /health, /ready, /status and /metrics; 0: any free one"),
    HTTP_HOST("127.0.0.1", "an address of this machine", "address that health and status listen on"),
    DATA(
            "./.weir-data",
            "a folder",
            "folder for the little that Kafka Streams keeps on disk; in coordinate also a baseline's weights while they are pinned"),
    THREADS("1", 1, 256, "stream threads; partitions are shared among them"),
    INSTANCE_ID("", "a name; empty: none", "name by which a restarted process is known again at once"),
    SESSION_TIMEOUT_MS("10000", 1_000, 3_600_000, "after so long without a heartbeat another instance takes over"),
    TRANSACTION_TIMEOUT_MS("15000", 1_000, 900_000, "after so long the broker ends a dead instance's transaction"),
    COMMIT_INTERVAL_MS(
            "",
            "a whole number from 1 to 60000; empty: 1000 for merge, 200 for the others",
            1,
            60_000,
            "longest time between commits; decisions and snapshots are committed at once, and behind the log what merge says"
                    + " when nothing more comes"),
    CHECKPOINT_TIMEOUT_MS(
            "600000",
            100,
            7L * 86_400_000,
            "a checkpoint that is not complete so long after its first record is given up"),
    KEYFRAME_DECISIONS(
            "16", 1, 1_000_000, "merge: decisions over which a keyframe is spread; then the next one begins"),
    KEYFRAME_BYTES(
            "0", 0, 1L << 50, "merge: bytes of deltas in a partition that complete a keyframe, too; 0: no limit"),
    STAGING_BYTES(
            "1073741824",
            0,
            1L << 50,
            "merge: bytes of undecided checkpoints, of those that differences refer to, and, behind the log, of those that"
                    + " enter with the next one, that a partition holds off the heap; full chunks beyond are read again"),
    DELTAS_RETENTION_MS(
            "604800000",
            -1,
            Long.MAX_VALUE,
            "merge: records of deltas that no keyframe needs are deleted when they are so old; -1: never");

    private final @Nullable String byDefault;
    private final String allowed;
    private final long min;
    private final long max;
    private final String doc;

    ConfigKey(@Nullable String byDefault, String allowed, String doc) {
        this(byDefault, allowed, Long.MIN_VALUE, Long.MAX_VALUE, doc);
    }

    ConfigKey(String byDefault, long min, long max, String doc) {
        this(byDefault, "a whole number from " + min + " to " + max, min, max, doc);
    }

    ConfigKey(@Nullable String byDefault, String allowed, long min, long max, String doc) {
        this.byDefault = byDefault;
        this.allowed = allowed;
        this.min = min;
        this.max = max;
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

    /** What may stand there, in words. */
    public String allowed() {
        return allowed;
    }

    public String doc() {
        return doc;
    }

    /** @throws ConfigException when the number is out of this key's range */
    void check(long value) {
        if (value < min || value > max) {
            throw new ConfigException(key(), "is " + value, allowed);
        }
    }

    static String known() {
        return Arrays.stream(values()).map(ConfigKey::key).collect(Collectors.joining(", ")) + ", client";
    }
}
