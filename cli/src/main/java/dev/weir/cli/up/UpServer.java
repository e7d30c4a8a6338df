package dev.weir.cli.up;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.weir.cli.Json;
import dev.weir.topology.status.PrometheusText;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Health, status and plans over HTTP, all as JSON, and metrics for Prometheus. */
final class UpServer {

    private static final int MAX_BODY_BYTES = 1 << 20;

    private final HttpServer server;
    private final StatusReport report = new StatusReport();
    private volatile boolean allStarted;

    private UpServer(HttpServer server) {
        this.server = server;
    }

    /** Takes the port; nothing is answered before {@link #start}. */
    static UpServer bind(UpSettings settings) {
        try {
            return new UpServer(HttpServer.create(new InetSocketAddress(settings.bind(), settings.httpPort()), 0));
        } catch (IOException e) {
            throw Ports.taken("--http-port", settings.bind(), settings.httpPort(), e);
        }
    }

    void start(Supplier<List<Child>> children, PlanSink plans) {
        route("/health", "GET", exchange -> health(exchange, children.get()));
        route("/status", "GET", exchange -> reply(exchange, 200, report.of(children.get())));
        route("/ready", "GET", exchange -> ready(exchange, children.get()));
        route("/metrics", "GET", exchange -> metrics(exchange, children.get()));
        route("/plans", "POST", exchange -> plan(exchange, plans));
        server.createContext(
                "/",
                exchange -> reply(
                        exchange, 404, error("unknown path; allowed: /health, /ready, /status, /metrics, /plans")));
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    /** Until then health is bad, however well each process that is there already runs. */
    void allStarted() {
        allStarted = true;
    }

    void stop() {
        server.stop(0);
    }

    private interface Handler {
        void handle(HttpExchange exchange) throws IOException;
    }

    private void route(String path, String method, Handler handler) {
        server.createContext(path, exchange -> {
            if (!exchange.getRequestURI().getPath().equals(path)) {
                reply(exchange, 404, error("unknown path; allowed: /health, /ready, /status, /metrics, /plans"));
            } else if (!exchange.getRequestMethod().equals(method)) {
                reply(exchange, 405, error("allowed: " + method));
            } else {
                guarded(exchange, handler);
            }
        });
    }

    private static void guarded(HttpExchange exchange, Handler handler) throws IOException {
        try {
            handler.handle(exchange);
        } catch (RuntimeException e) {
            reply(exchange, 500, error(e.getClass().getSimpleName() + ": " + e.getMessage()));
        }
    }

    private void health(HttpExchange exchange, List<Child> children) throws IOException {
        boolean healthy = allStarted && StatusReport.healthy(children);
        ObjectNode document = Json.object().put("status", healthy ? "ok" : "degraded");
        ArrayNode processes = document.putArray("processes");
        for (Child child : children) {
            StatusReport.describe(child, processes.addObject());
        }
        reply(exchange, healthy ? 200 : 503, document);
    }

    /** Whether every application of every model processes records as they come. */
    private void ready(HttpExchange exchange, List<Child> children) throws IOException {
        boolean ready = allStarted && StatusReport.healthy(children);
        ObjectNode document = Json.object();
        ArrayNode applications = document.putArray("applications");
        for (JsonNode application : report.of(children).path("applications")) {
            boolean one = application.path("ready").asBoolean();
            ready &= one;
            applications
                    .addObject()
                    .put("model", application.path("model").asText())
                    .put("role", application.path("role").asText())
                    .put("ready", one);
        }
        reply(exchange, ready ? 200 : 503, document.put("ready", ready));
    }

    private void metrics(HttpExchange exchange, List<Child> children) throws IOException {
        ObjectNode status = report.of(children);
        byte[] text = PrometheusText.of(status.path("applications"), status.path("processes"));
        reply(exchange, 200, PrometheusText.CONTENT_TYPE, text);
    }

    /** The content type is required, because no web page can send it here without asking first. */
    private static void plan(HttpExchange exchange, PlanSink plans) throws IOException {
        @Nullable String type = exchange.getRequestHeaders().getFirst("Content-Type");
        if (type == null || !type.startsWith("application/json")) {
            reply(exchange, 415, error("allowed: Content-Type application/json"));
            return;
        }
        byte[] bytes = exchange.getRequestBody().readNBytes(MAX_BODY_BYTES + 1);
        if (bytes.length > MAX_BODY_BYTES) {
            reply(exchange, 413, error("allowed: " + MAX_BODY_BYTES + " bytes"));
            return;
        }
        JsonNode body;
        try {
            body = Json.parse(bytes);
        } catch (IOException e) {
            reply(exchange, 400, error("the body is no JSON document: " + e.getMessage()));
            return;
        }
        if (!body.path("model").isTextual() || !body.path("plan").isObject()) {
            reply(exchange, 400, error("needed: {\"model\": NAME, \"plan\": {...}}"));
            return;
        }
        switch (plans.apply(body.path("model").asText(), body)) {
            case PlanReply.Applied applied ->
                reply(
                        exchange,
                        200,
                        Json.object()
                                .put("model", applied.model())
                                .put("applications", applied.started() ? "started" : "running"));
            case PlanReply.Refused refused -> reply(exchange, 400, error(refused.reason()));
            case PlanReply.Failed failed -> reply(exchange, 500, error(failed.reason()));
        }
    }

    private static ObjectNode error(String reason) {
        return Json.object().put("error", reason);
    }

    private static void reply(HttpExchange exchange, int code, ObjectNode document) throws IOException {
        byte[] body = (Json.compact(document) + "\n").getBytes(StandardCharsets.UTF_8);
        reply(exchange, code, "application/json", body);
    }

    private static void reply(HttpExchange exchange, int code, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        try (exchange) {
            exchange.sendResponseHeaders(code, body.length);
            exchange.getResponseBody().write(body);
        }
    }
}
