package dev.weir.cli.demo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Every version of a demo, and what it left on the broker, as one JSON document. */
final class DemoReport {
    /** Bytes and records of a topic. */
    record Topic(long bytes, long records) {}

    /**
     * A version.
     *
     * @param version of raw the decision number
     */
    record Version(String channel, long version, long step, Score score, String digest, boolean promoted) {}

    /**
     * A trainer that went on from an average.
     *
     * @param digest of the trainer's weights right after
     */
    record Switch(String run, long step, long version, String digest) {}

    private final List<Version> versions = new ArrayList<>();
    private final List<Switch> switches = new ArrayList<>();

    void add(Switch taken) {
        switches.add(taken);
    }

    void add(Version version) {
        versions.add(version);
    }

    void write(Path file, long seed, double wallSeconds, Map<String, Topic> topics) {
        ObjectNode root = Json.object().put("seed", seed).put("wallSeconds", wallSeconds);
        ArrayNode list = root.putArray("versions");
        for (Version version : versions) {
            list.addObject()
                    .put("channel", version.channel())
                    .put("version", version.version())
                    .put("step", version.step())
                    .put("accuracy", version.score().accuracy())
                    .put("negativeFlips", version.score().negativeFlips())
                    .put("nfr", version.score().nfr())
                    .put("digest", version.digest())
                    .put("promoted", version.promoted());
        }
        ArrayNode taken = root.putArray("switches");
        for (Switch one : switches) {
            taken.addObject()
                    .put("run", one.run())
                    .put("step", one.step())
                    .put("version", one.version())
                    .put("digest", one.digest());
        }
        ObjectNode sizes = root.putObject("topics");
        topics.forEach((name, topic) ->
                sizes.putObject(name).put("bytes", topic.bytes()).put("records", topic.records()));
        try {
            Path parent = file.toAbsolutePath().getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            Files.writeString(file, Json.pretty(root) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
