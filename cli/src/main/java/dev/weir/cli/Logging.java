package dev.weir.cli;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which of the libraries' logs and ours go to stderr: of {@code run}, which nobody watches, warnings; of other verbs none,
 * because there stderr belongs to our own lines.
 */
final class Logging {

    /** A level for all of them. */
    private static final String LEVEL = "weir.log";

    private Logging() {}

    /** Must run before any logger is made. */
    static void configure(String... args) {
        String prefix = "org.slf4j.simpleLogger.";
        levels(System.getProperty(LEVEL), args).forEach((name, level) -> System.setProperty(prefix + name, level));
        System.setProperty(prefix + "showDateTime", "true");
        System.setProperty(prefix + "dateTimeFormat", "yyyy-MM-dd HH:mm:ss.SSS");
        System.setProperty(prefix + "showShortLogName", "true");
        System.setProperty("slf4j.internal.verbosity", "ERROR");
    }

    /** Settings of the logger by name. */
    static Map<String, String> levels(@Nullable String given, String... args) {
        Map<String, String> levels = new TreeMap<>();
        // It names addresses with the passwords in them; what it says is in our own exceptions.
        levels.put("log.io.confluent.kafka.schemaregistry.client.rest.RestService", "off");
        if (given != null) {
            levels.put("defaultLogLevel", given);
        } else if (Arrays.asList(args).contains("--debug")) {
            levels.put("defaultLogLevel", "info");
        } else if (verb(args).equals("run")) {
            // Kafka warns of much that is as it should be; that no broker answers is not.
            levels.put("defaultLogLevel", "error");
            levels.put("log.dev.weir", "warn");
            levels.put("log.org.apache.kafka.clients.NetworkClient", "warn");
        } else {
            levels.put("defaultLogLevel", "off");
        }
        return levels;
    }

    private static String verb(String... args) {
        return Arrays.stream(args)
                .filter(word -> !word.startsWith("-"))
                .findFirst()
                .orElse("");
    }
}
