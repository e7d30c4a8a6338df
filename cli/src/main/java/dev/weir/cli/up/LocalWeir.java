package dev.weir.cli.up;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.cli.Json;
import dev.weir.cli.WeirException;
import dev.weir.clients.Connection;
import dev.weir.clients.plan.PlanClient;
import dev.weir.topology.plan.PlanFormat;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A whole Weir of the caller's own, on free ports: {@code weir up} as a child process that ends with this one. */
public final class LocalWeir implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final Process process;
    private final Connection connection;
    private final String http;

    private LocalWeir(Process process, Connection connection, String http) {
        this.process = process;
        this.connection = connection;
        this.http = http;
    }

    /** Starts one that keeps its data in a directory, and returns once all of it answers. */
    public static LocalWeir start(Path data) throws IOException {
        return start(data, Map.of());
    }

    /** Starts one whose applications see these variables, too. */
    public static LocalWeir start(Path data, Map<String, String> environment) throws IOException {
        List<String> command = new JavaCommand("up", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx256m")
                .verb(
                        "up",
                        "--data",
                        data.toString(),
                        "--kafka-port",
                        freePort(),
                        "--registry-port",
                        freePort(),
                        "--http-port",
                        freePort());
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            String[] ready = ready(process).split(" ", -1);
            return new LocalWeir(process, new Connection(value(ready[1]), value(ready[2])), value(ready[3]));
        } catch (IOException | RuntimeException failed) {
            process.destroyForcibly();
            throw failed;
        }
    }

    /** Where its broker and registry are. */
    public Connection connection() {
        return connection;
    }

    /** Puts a plan in force, as {@code weir plan apply} does. */
    public void plan(String model, String plan) throws IOException, InterruptedException {
        String json = PlanFormat.toJson(PlanFormat.parse(plan));
        JsonNode body =
                Json.object().put("model", model).set("plan", Json.parse(json.getBytes(StandardCharsets.UTF_8)));
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(http + "/plans"))
                    .timeout(PATIENCE)
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(Json.compact(body)))
                    .build();
            HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new WeirException("weir up", "its applications did not start: " + answer.body(), "", "");
            }
        }
        try (PlanClient plans = PlanClient.open(connection, model)) {
            plans.propose(json, PATIENCE);
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

    private static String ready(Process process) throws IOException {
        BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith("ready ")) {
                return line;
            }
        }
        throw new WeirException("weir up", "ended before it was ready", "", "see the lines above");
    }

    private static String value(String pair) {
        return pair.substring(pair.indexOf('=') + 1);
    }

    private static String freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return Integer.toString(socket.getLocalPort());
        }
    }
}
