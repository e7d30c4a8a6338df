package dev.weir.cli.up;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.weir.cli.Json;
import dev.weir.cli.WeirException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The three applications of each model. What is needed to start them again lies under the data directory. */
final class Applications implements PlanSink {

    private static final Pattern MODEL = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
    private static final Duration RESUME_LIMIT = Duration.ofMinutes(10);
    private static final Duration READY_LIMIT = Duration.ofSeconds(60);
    private static final int MAX_THREADS = 4;

    private final UpSettings settings;
    private final DataDir data;
    private final Supervisor supervisor;
    private final TopicMaker topics;
    private final Launch launch;
    private final Map<String, List<Child>> running = new TreeMap<>();

    /** How an application of a role is started for a model, given its configuration file. */
    interface Launch {
        ChildSpec of(String role, String model, Path config);
    }

    Applications(UpSettings settings, DataDir data, Supervisor supervisor, TopicMaker topics, Launch launch) {
        this.settings = settings;
        this.data = data;
        this.supervisor = supervisor;
        this.topics = topics;
        this.launch = launch;
    }

    /** Starts the applications of every model that had a plan when the last {@code up} ended, and waits for them. */
    void resume() throws IOException, InterruptedException {
        List<Path> plans;
        try (Stream<Path> models = Files.list(data.models())) {
            plans = models.filter(dir -> Files.exists(dir.resolve("plan.json")))
                    .sorted()
                    .toList();
        }
        List<Child> started = new ArrayList<>();
        for (Path dir : plans) {
            started.addAll(start(dir.getFileName().toString()));
        }
        for (Child child : started) {
            if (!child.awaitRunning(RESUME_LIMIT) && !(child.state() instanceof ChildState.Failed)) {
                supervisor.awaitRunning(child, RESUME_LIMIT);
            }
        }
    }

    @Override
    public synchronized PlanReply apply(String model, JsonNode body) {
        if (!MODEL.matcher(model).matches()) {
            return new PlanReply.Refused("model '" + model + "': allowed: a letter or digit, then up to 99 of"
                    + " letters, digits, '.', '_' and '-'");
        }
        JsonNode partitions = body.path("partitions");
        if (!partitions.isMissingNode()
                && !partitions.isNull()
                && (!partitions.isInt() || partitions.asInt() < 1 || partitions.asInt() > 1_000)) {
            return new PlanReply.Refused("partitions " + partitions + ": allowed: 1 to 1000");
        }
        try {
            topics.create(model, partitions.isInt() ? (Integer) partitions.asInt() : null);
            write(data.models().resolve(model).resolve("plan.json"), Json.pretty(body));
            boolean fresh = !running.containsKey(model);
            for (Child child : start(model)) {
                supervisor.awaitRunning(child, READY_LIMIT);
            }
            return new PlanReply.Applied(model, fresh);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new PlanReply.Failed("interrupted");
        } catch (WeirException e) {
            return new PlanReply.Failed(String.valueOf(e.getMessage()));
        } catch (Exception e) {
            return new PlanReply.Failed(e.getClass().getSimpleName() + ": " + e.getMessage());
        }
    }

    private synchronized List<Child> start(String model) throws IOException {
        @Nullable List<Child> before = running.get(model);
        if (before != null) {
            before.replaceAll(
                    child -> child.state() instanceof ChildState.Failed ? supervisor.startAgain(child) : child);
            return before;
        }
        List<Child> pair = new ArrayList<>();
        for (String role : List.of("merge", "coordinate", "compatibility")) {
            Path config = data.models().resolve(model).resolve(role + ".yaml");
            write(config, new YAMLMapper().writeValueAsString(config(role, model)));
            pair.add(supervisor.start(launch.of(role, model, config)));
        }
        running.put(model, pair);
        return pair;
    }

    private Map<String, Object> config(String role, String model) {
        int processors = Runtime.getRuntime().availableProcessors();
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("model", model);
        config.put("role", role);
        config.put("bootstrap", settings.bootstrap());
        config.put("registry", settings.registryUrl());
        config.put("http-port", 0);
        // The only instance: when it is killed, the next one is known again at once instead of after a session timeout.
        config.put("instance-id", role);
        config.put("data", data.models().resolve(model).resolve(role).toString());
        config.put("threads", role.equals("merge") ? Math.min(MAX_THREADS, processors) : 1);
        return config;
    }

    private static void write(Path file, String content) throws IOException {
        Files.createDirectories(file.resolveSibling(""));
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(fresh, content);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
