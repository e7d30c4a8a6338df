package dev.weir.topology.config;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/**
 * Keeps the process id by which Kafka Streams names its transactions the same for a named instance, wiped disk or not. A
 * restarted instance then ends its predecessor's open transaction at once; under another name it would hide output from
 * every read_committed reader until the transaction times out.
 */
public final class ProcessId {
    /** Where Kafka Streams 4.3.1 looks for it, below state.dir and the application id. */
    private static final String FILE = "kafka-streams-process-metadata";

    private ProcessId() {}

    /** What the names of a named instance's transactions begin with. */
    public static String transactions(RunConfig config, String applicationId) {
        Path file =
                Path.of(config.data()).toAbsolutePath().resolve(applicationId).resolve(FILE);
        try {
            String id =
                    new ObjectMapper().readTree(file.toFile()).path("processId").asText();
            return applicationId + "-" + id + "-";
        } catch (IOException e) {
            throw new UncheckedIOException("data " + file + ": cannot be read", e);
        }
    }

    /** Writes the id for this instance unless the directory has one. */
    static void fix(Path stateDirectory, String applicationId, String instanceId) {
        UUID id = UUID.nameUUIDFromBytes((applicationId + "/" + instanceId).getBytes(StandardCharsets.UTF_8));
        Path directory = stateDirectory.resolve(applicationId);
        Path file = directory.resolve(FILE);
        try {
            Files.createDirectories(directory);
            if (!Files.exists(file)) {
                Files.writeString(file, "{\"processId\":\"" + id + "\"}");
            }
        } catch (IOException e) {
            throw new UncheckedIOException("data " + directory + ": cannot be written", e);
        }
    }
}
