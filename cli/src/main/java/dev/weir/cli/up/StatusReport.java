package dev.weir.cli.up;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongBinaryOperator;

/** Puts what every process says of itself into one document. */
final class StatusReport {

    private static final Duration ASK_LIMIT = Duration.ofSeconds(2);

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(ASK_LIMIT).build();

    /** The whole document. */
    ObjectNode of(List<Child> children) {
        ObjectNode report = Json.object();
        ArrayNode processes = report.putArray("processes");
        ArrayNode channels = report.putArray("channels");
        ObjectNode counters = report.putObject("counters");
        ObjectNode latencyMs = report.putObject("latencyMs");
        ArrayNode applications = report.putArray("applications");
        List<CompletableFuture<JsonNode>> answers = new ArrayList<>();
        for (Child child : children) {
            describe(child, processes.addObject());
            answers.add(ask(child.state()));
        }
        for (int i = 0; i < answers.size(); i++) {
            ChildSpec spec = children.get(i).spec();
            JsonNode answer = answers.get(i).join();
            if (spec.model().isEmpty()) {
                continue;
            }
            ObjectNode application =
                    applications.addObject().put("model", spec.model()).put("role", spec.name());
            if (answer instanceof ObjectNode object) {
                application.setAll(object);
                lift(spec.model(), spec.name(), object, channels, counters, latencyMs);
            } else {
                application.putNull("status");
            }
        }
        return report;
    }

    static boolean healthy(List<Child> children) {
        return children.stream().allMatch(child -> child.state() instanceof ChildState.Running);
    }

    static void describe(Child child, ObjectNode process) {
        process.put("name", child.spec().name());
        switch (child.state()) {
            case ChildState.Starting starting -> process.put("pid", starting.pid());
            case ChildState.Running running -> process.put("pid", running.pid());
            case ChildState.Restarting restarting -> process.putNull("pid");
            case ChildState.Stopped stopped -> process.putNull("pid");
            case ChildState.Failed failed -> process.putNull("pid").put("failure", failed.why());
        }
        process.put("state", child.state().label()).put("restarts", child.restarts());
        if (!child.spec().model().isEmpty()) {
            process.put("model", child.spec().model());
        }
    }

    /** Channels get their model's name, counters stand under model and role; of latencies the worst counts. */
    static void lift(
            String model,
            String role,
            ObjectNode application,
            ArrayNode channels,
            ObjectNode counters,
            ObjectNode latencyMs) {
        for (JsonNode channel : application.path("channels")) {
            ObjectNode entry = channels.addObject().put("model", model);
            if (channel instanceof ObjectNode object) {
                entry.setAll(object);
            }
        }
        // The same word may mean something else in another role.
        if (application.path("counters") instanceof ObjectNode own) {
            counters.withObjectProperty(model).set(role, own);
        }
        for (Map.Entry<String, JsonNode> value : application.path("latencyMs").properties()) {
            combine(latencyMs, value, value.getKey().equals("count") ? Long::sum : Math::max);
        }
    }

    private static void combine(ObjectNode into, Map.Entry<String, JsonNode> value, LongBinaryOperator operator) {
        JsonNode before = into.path(value.getKey());
        if (before.isMissingNode()) {
            into.set(value.getKey(), value.getValue());
        } else {
            into.put(
                    value.getKey(),
                    operator.applyAsLong(before.asLong(), value.getValue().asLong()));
        }
    }

    private CompletableFuture<JsonNode> ask(ChildState state) {
        JsonNode none = Json.object().nullNode();
        int url = state instanceof ChildState.Running running ? running.ready().indexOf("http=") : -1;
        if (url < 0 || !(state instanceof ChildState.Running running)) {
            return CompletableFuture.completedFuture(none);
        }
        String base = running.ready().substring(url + "http=".length()).split("\\s", 2)[0];
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create(base + "/status"))
                    .timeout(ASK_LIMIT)
                    .build();
            return http.sendAsync(request, HttpResponse.BodyHandlers.ofByteArray())
                    .thenApply(response -> response.statusCode() == 200 ? parse(response.body(), none) : none)
                    .exceptionally(e -> none);
        } catch (IllegalArgumentException e) {
            return CompletableFuture.completedFuture(none);
        }
    }

    private static JsonNode parse(byte[] body, JsonNode otherwise) {
        try {
            return Json.parse(body);
        } catch (IOException e) {
            return otherwise;
        }
    }
}
