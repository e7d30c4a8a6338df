package dev.weir.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.cli.Json;
import dev.weir.cli.up.JavaCommand;
import dev.weir.clients.Connection;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** {@code weir run} of one application in a JVM of its own, with the heap that {@code weir up} gives it. */
final class ApplicationProcess implements AutoCloseable {
    static final String HEAP = "-Xmx512m";
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final long POLL_MS = 5;

    private final String instance;
    private final Path folder;
    private final Path log;
    private final URI status;
    private final Process process;

    private ApplicationProcess(String instance, Path folder, Path log, URI status, Process process) {
        this.instance = instance;
        this.folder = folder;
        this.log = log;
        this.status = status;
        this.process = process;
    }

    /**
     * Starts one without waiting for it.
     *
     * @param instance its name in the group and of its folder, which is kept if it is there
     * @param keys of its configuration, besides those about the places of things
     */
    static ApplicationProcess start(
            Connection connection, Path scratch, String model, String role, String instance, Map<String, String> keys)
            throws IOException {
        Path folder = scratch.resolve(model + "-" + instance);
        int port = freePort();
        List<String> lines = new ArrayList<>(List.of(
                "model: " + model,
                "role: " + role,
                "bootstrap: " + connection.bootstrap(),
                "registry: " + connection.registry(),
                "instance-id: " + instance,
                "data: " + folder,
                "http-port: " + port));
        keys.forEach((key, value) -> lines.add(key + ": " + value));
        Path config = Files.write(scratch.resolve(model + "-" + instance + ".yaml"), lines);
        Path log = scratch.resolve(model + "-" + instance + ".log");
        Process process = new ProcessBuilder(new JavaCommand(role, HEAP)
                        .with(JavaCommand.LARGE_RECORDS)
                        .with(role.equals("merge") ? JavaCommand.VECTORS : List.of())
                        .verb("run", "--config", config.toString()))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        return new ApplicationProcess(
                instance, folder, log, URI.create("http://127.0.0.1:" + port + "/status"), process);
    }

    String instance() {
        return instance;
    }

    /** What it says of itself as soon as that is as wanted. */
    JsonNode await(String what, Predicate<JsonNode> wanted, Duration patience)
            throws IOException, InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (System.nanoTime() < deadline) {
            JsonNode now = status();
            if (wanted.test(now)) {
                return now;
            }
            if (!process.isAlive()) {
                List<String> said = Files.readAllLines(log);
                throw new IOException(instance + " ended with " + process.exitValue() + " before " + what + ": "
                        + (said.isEmpty() ? "it said nothing" : said.getLast()));
            }
            Thread.sleep(POLL_MS);
        }
        throw new IOException(instance + ": not within " + patience + ": " + what + "; it says " + status());
    }

    void awaitRunning(Duration patience) throws IOException, InterruptedException {
        await("it runs", now -> now.path("state").asText().equals("running"), patience);
    }

    /** As the system's SIGKILL does. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Deletes what it keeps on disk. */
    void wipe() throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    /** The document, empty while there is none. */
    private JsonNode status() throws InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(status).timeout(Duration.ofSeconds(5)).build();
        try {
            return Json.parse(
                    HTTP.send(request, HttpResponse.BodyHandlers.ofByteArray()).body());
        } catch (IOException notYet) {
            return Json.object();
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException interrupted) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }
}
