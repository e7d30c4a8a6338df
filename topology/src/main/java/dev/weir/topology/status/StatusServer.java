package dev.weir.topology.status;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** GET /health and /ready (200 or 503) and /status of one application, as JSON, and /metrics for Prometheus. */
public final class StatusServer implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    private StatusServer(HttpServer server) {
        this.server = server;
    }

    /**
     * @param port 0: any free one
     * @throws IOException when the port is taken
     */
    public static StatusServer start(
            String host, int port, BooleanSupplier healthy, BooleanSupplier ready, Supplier<Map<String, ?>> status)
            throws IOException {
        StatusServer started =
                new StatusServer(HttpServer.create(new InetSocketAddress(InetAddress.getByName(host), port), 0));
        started.server.setExecutor(started.threads);
        started.server.createContext("/health", exchange -> {
            boolean up = healthy.getAsBoolean();
            answer(exchange, up ? 200 : 503, Map.of("healthy", up));
        });
        started.server.createContext("/ready", exchange -> {
            boolean serves = ready.getAsBoolean();
            answer(exchange, serves ? 200 : 503, Map.of("ready", serves));
        });
        started.server.createContext("/metrics", exchange -> {
            JsonNode document = JSON.valueToTree(status.get());
            answer(exchange, 200, PrometheusText.CONTENT_TYPE, PrometheusText.of(List.of(document), List.of()));
        });
        started.server.createContext("/status", exchange -> answer(exchange, 200, status.get()));
        started.server.start();
        return started;
    }

    /** Where it listens, as clients take it. */
    public String url() {
        InetSocketAddress address = server.getAddress();
        return "http://" + address.getAddress().getHostAddress() + ":" + address.getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private static void answer(HttpExchange exchange, int code, Map<String, ?> document) throws IOException {
        answer(exchange, code, "application/json", bytes(document));
    }

    private static void answer(HttpExchange exchange, int code, String type, byte[] body) throws IOException {
        try (exchange) {
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.sendResponseHeaders(code, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private static byte[] bytes(Map<String, ?> document) {
        try {
            return JSON.writeValueAsBytes(document);
        } catch (JsonProcessingException impossible) {
            return String.valueOf(impossible.getMessage()).getBytes(StandardCharsets.UTF_8);
        }
    }
}
