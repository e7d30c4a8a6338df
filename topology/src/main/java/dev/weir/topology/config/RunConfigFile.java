package dev.weir.topology.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.weir.schemas.wire.Urls;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Reads and prints run configurations: one YAML mapping, overridden by WEIR_* variables; unknown keys are refused. */
public final class RunConfigFile {
    private static final YAMLMapper YAML = YAMLMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final String CLIENT = "client";

    private RunConfigFile() {}

    /**
     * @param text the file's content
     * @param environment variables by name
     * @throws ConfigException for an unknown key or variable, a missing key or a value that is not allowed
     */
    public static RunConfig parse(String text, Map<String, String> environment) {
        JsonNode root;
        try {
            root = YAML.readTree(text);
        } catch (JsonProcessingException malformed) {
            throw new ConfigException("file", "is no YAML: " + malformed.getOriginalMessage(), "keys and values");
        }
        Map<ConfigKey, String> values = new EnumMap<>(ConfigKey.class);
        Map<String, String> client = new TreeMap<>();
        for (ConfigKey key : ConfigKey.values()) {
            if (key.byDefault() != null) {
                values.put(key, key.byDefault());
            }
        }
        root.properties().forEach(entry -> {
            if (entry.getKey().equals(CLIENT)) {
                entry.getValue()
                        .properties()
                        .forEach(setting ->
                                given(setting.getValue()).ifPresent(value -> client.put(setting.getKey(), value)));
            } else {
                ConfigKey key = key(entry.getKey());
                given(entry.getValue()).ifPresent(value -> values.put(key, value));
            }
        });
        for (ConfigKey key : ConfigKey.values()) {
            String override = environment.get(key.variable());
            if (override != null) {
                values.put(key, override);
            }
        }
        return build(values, client);
    }

    /** The configuration in force, every key; secrets of the clients and in addresses are masked. */
    public static String print(RunConfig config) {
        Map<String, Object> shown = new java.util.LinkedHashMap<>();
        shown.put("model", config.model());
        shown.put("role", config.role().name().toLowerCase(Locale.ROOT));
        shown.put("bootstrap", config.bootstrap());
        shown.put("registry", Urls.masked(config.registry()));
        shown.put("http-port", config.httpPort());
        shown.put("http-host", config.httpHost());
        shown.put("data", config.data());
        shown.put("threads", config.threads());
        shown.put("instance-id", config.instanceId() == null ? "" : config.instanceId());
        shown.put("session-timeout-ms", config.sessionTimeoutMs());
        shown.put("transaction-timeout-ms", config.transactionTimeoutMs());
        shown.put("commit-interval-ms", config.commitIntervalMs());
        shown.put("checkpoint-timeout-ms", config.checkpointTimeoutMs());
        shown.put("keyframe-decisions", config.keyframeDecisions());
        shown.put("keyframe-bytes", config.keyframeBytes());
        shown.put("staging-bytes", config.stagingBytes());
        shown.put("deltas-retention-ms", config.deltasRetentionMs());
        Map<String, String> client = new TreeMap<>();
        config.client().forEach((key, value) -> client.put(key, secret(key) ? "***" : Urls.masked(value)));
        shown.put(CLIENT, client);
        try {
            return YAML.writeValueAsString(shown);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** A key without a value is as good as absent. */
    private static Optional<String> given(JsonNode value) {
        return value.isNull() ? Optional.empty() : Optional.of(value.asText());
    }

    private static boolean secret(String name) {
        String key = name.toLowerCase(Locale.ROOT);
        return key.contains("password")
                || key.contains("jaas")
                || key.endsWith(".key")
                || key.endsWith("user.info")
                || key.contains("secret")
                || key.contains("token");
    }

    private static ConfigKey key(String name) {
        return Arrays.stream(ConfigKey.values())
                .filter(key -> key.key().equals(name))
                .findFirst()
                .orElseThrow(() -> new ConfigException("key " + name, "is unknown", ConfigKey.known()));
    }

    private static RunConfig build(Map<ConfigKey, String> values, Map<String, String> client) {
        for (ConfigKey key : ConfigKey.values()) {
            if (!values.containsKey(key)) {
                throw new ConfigException(key.key(), "is missing", key.allowed());
            }
        }
        String role = text(values, ConfigKey.ROLE);
        if (Arrays.stream(RunConfig.Role.values())
                .noneMatch(known -> known.name().toLowerCase(Locale.ROOT).equals(role))) {
            throw new ConfigException("role", "is " + role, "merge, coordinate or compatibility");
        }
        RunConfig.Role process = RunConfig.Role.valueOf(role.toUpperCase(Locale.ROOT));
        if (text(values, ConfigKey.COMMIT_INTERVAL_MS).isEmpty()) {
            // What merge says behind its log, nobody waits for; each commit does, until all of it is written.
            values.put(ConfigKey.COMMIT_INTERVAL_MS, process == RunConfig.Role.MERGE ? "1000" : "200");
        }
        String instanceId = text(values, ConfigKey.INSTANCE_ID);
        return new RunConfig(
                text(values, ConfigKey.MODEL),
                process,
                text(values, ConfigKey.BOOTSTRAP),
                text(values, ConfigKey.REGISTRY),
                whole(values, ConfigKey.HTTP_PORT),
                text(values, ConfigKey.HTTP_HOST),
                text(values, ConfigKey.DATA),
                whole(values, ConfigKey.THREADS),
                instanceId.isEmpty() ? null : instanceId,
                whole(values, ConfigKey.SESSION_TIMEOUT_MS),
                whole(values, ConfigKey.TRANSACTION_TIMEOUT_MS),
                whole(values, ConfigKey.COMMIT_INTERVAL_MS),
                whole(values, ConfigKey.CHECKPOINT_TIMEOUT_MS),
                whole(values, ConfigKey.KEYFRAME_DECISIONS),
                wholeLong(values, ConfigKey.KEYFRAME_BYTES),
                wholeLong(values, ConfigKey.STAGING_BYTES),
                wholeLong(values, ConfigKey.DELTAS_RETENTION_MS),
                client);
    }

    private static String text(Map<ConfigKey, String> values, ConfigKey key) {
        return java.util.Objects.requireNonNull(values.get(key));
    }

    private static long wholeLong(Map<ConfigKey, String> values, ConfigKey key) {
        try {
            return Long.parseLong(text(values, key));
        } catch (NumberFormatException notANumber) {
            throw new ConfigException(key.key(), "is " + values.get(key), "a whole number");
        }
    }

    private static int whole(Map<ConfigKey, String> values, ConfigKey key) {
        try {
            return Integer.parseInt(text(values, key));
        } catch (NumberFormatException notANumber) {
            throw new ConfigException(key.key(), "is " + values.get(key), "a whole number");
        }
    }
}
