package dev.weir.schemas.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A registry that does not answer in time is asked once more, and no more than that. */
final class SlowRegistryTest {
    private static final int TIMEOUT_MS = 300;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Map<String, AtomicInteger> asked = new ConcurrentHashMap<>();
    private final Map<String, Integer> ids = new ConcurrentHashMap<>();
    private HttpServer server;
    private int slow;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/subjects/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
        threads.shutdownNow();
    }

    @Test
    void anAnswerThatIsLateOnceIsAskedForAgain() {
        slow = 1;
        try (Registry registry = connect()) {
            assertThat(registry.codec()).isNotNull();
        }
        assertThat(asked.get("dev.weir.schemas.record.Chunk")).hasValue(2);
        assertThat(asked.get("dev.weir.schemas.record.End")).hasValue(1);
    }

    @Test
    void oneThatNeverComesIsAnErrorThatNamesTheSubject() {
        slow = Integer.MAX_VALUE;
        assertThatThrownBy(this::connect)
                .isInstanceOf(RegistryException.class)
                .hasMessageContaining("dev.weir.schemas.record.Chunk")
                .hasMessageContaining("does not answer");
        assertThat(asked.get("dev.weir.schemas.record.Chunk")).hasValue(2);
    }

    private Registry connect() {
        String url = "http://127.0.0.1:" + server.getAddress().getPort();
        return Registry.connectReadOnly(url, Map.of("http.read.timeout.ms", TIMEOUT_MS));
    }

    /** Lookups of chunks are slow, so many times. */
    private void answer(HttpExchange exchange) throws IOException {
        String subject = exchange.getRequestURI().getPath().split("/")[2];
        int times = asked.computeIfAbsent(subject, name -> new AtomicInteger()).incrementAndGet();
        if (subject.endsWith(".Chunk") && times <= slow) {
            try {
                TimeUnit.MILLISECONDS.sleep(4 * TIMEOUT_MS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        int id = ids.computeIfAbsent(subject, name -> subject.hashCode() & 0xffff | asked.size() << 16);
        byte[] body = "{\"subject\":\"%s\",\"id\":%d,\"version\":1,\"schema\":\"\\\"int\\\"\"}"
                .formatted(subject, id)
                .getBytes(StandardCharsets.UTF_8);
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().add("Content-Type", "application/vnd.schemaregistry.v1+json");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }
}
