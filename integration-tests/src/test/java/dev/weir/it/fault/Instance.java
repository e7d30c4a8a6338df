package dev.weir.it.fault;

import dev.weir.it.fault.Fault.Role;
import dev.weir.it.fixture.Cli;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** One instance of an application: {@code weir run} in a process of its own, with the {@link KillAgent} in it. */
final class Instance implements AutoCloseable {
    static final int SESSION_TIMEOUT_MS = 6_000;
    private static final int TRANSACTION_TIMEOUT_MS = 30_000;

    private final Role role;
    private final String name;
    private final Path dir;
    private final Path agent;
    private final Path config;
    private Process process;
    private boolean expectedToEnd;
    private int starts;

    private Instance(Role role, String name, Path dir, Path agent, Path config) {
        this.role = role;
        this.name = name;
        this.dir = dir;
        this.agent = agent;
        this.config = config;
    }

    static Instance start(Cluster cluster, String model, Role role, String name, Path dir, Path agent)
            throws IOException {
        Files.createDirectories(dir);
        Path config = Files.writeString(
                dir.resolve("run.yaml"),
                String.join(
                        "\n",
                        "model: " + model,
                        "role: " + role.lowerCase(),
                        "bootstrap: " + cluster.bootstrap(),
                        "registry: " + cluster.registry(),
                        "data: " + dir.resolve("data"),
                        "threads: " + (role == Role.MERGE ? 2 : 1),
                        "instance-id: " + name,
                        "session-timeout-ms: " + SESSION_TIMEOUT_MS,
                        "transaction-timeout-ms: " + TRANSACTION_TIMEOUT_MS,
                        "keyframe-decisions: 8",
                        "client:",
                        "  num.standby.replicas: 1",
                        "  probing.rebalance.interval.ms: 60000",
                        ""));
        Instance instance = new Instance(role, name, dir, agent, config);
        instance.start();
        return instance;
    }

    /** Starts it, again where it ran before. */
    void start() throws IOException {
        starts++;
        Files.deleteIfExists(dir.resolve("hit"));
        expectedToEnd = false;
        process = Cli.start(
                List.of("run", "--config", config.toString()),
                "-javaagent:" + agent + "=" + dir
                        + " -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dweir.log=warn",
                dir.resolve("out-" + starts),
                dir.resolve("err-" + starts));
    }

    Role role() {
        return role;
    }

    String name() {
        return name;
    }

    String title() {
        return role.lowerCase() + "-" + name;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Whether it has said that it processes records. */
    boolean isReady() {
        try {
            return isAlive() && Files.readString(dir.resolve("out-" + starts)).contains("ready ");
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Whether it ended although nobody made it end. */
    boolean endedByItself() {
        return !process.isAlive() && !expectedToEnd && hit().isEmpty();
    }

    /** Its exit code and the last that it complained of. */
    String lastWords() throws IOException {
        List<String> lines = Files.readAllLines(dir.resolve("err-" + starts));
        return "exit " + process.exitValue() + ": " + (lines.isEmpty() ? "it said nothing" : lines.getLast());
    }

    /** From now on it dies at the n-th pass of a point. */
    void arm(Point point, int pass) throws IOException {
        Files.deleteIfExists(dir.resolve("hit"));
        Files.writeString(dir.resolve("arm.new"), point + " " + pass);
        Files.move(
                dir.resolve("arm.new"),
                dir.resolve("arm"),
                java.nio.file.StandardCopyOption.ATOMIC_MOVE,
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }

    void disarm() throws IOException {
        Files.deleteIfExists(dir.resolve("arm"));
    }

    /** What it was in the middle of when it hit the point that it was armed for. */
    Optional<String> hit() {
        try {
            Path hit = dir.resolve("hit");
            return Files.exists(hit) && !process.isAlive() ? Optional.of(Files.readString(hit)) : Optional.empty();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    void kill() throws InterruptedException {
        expectedToEnd = true;
        process.destroyForcibly().waitFor();
    }

    /** Sends a signal such as STOP. */
    void signal(String signal) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    /** Deletes its state directory. */
    void wipe() throws IOException {
        try (Stream<Path> paths = Files.walk(dir.resolve("data"))) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    @Override
    public void close() {
        expectedToEnd = true;
        process.destroy();
        try {
            process.waitFor(15, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
    }
}
