package dev.weir.cli.up;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.Json;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class UpServerTest {

    private final HttpClient http = HttpClient.newHttpClient();
    private UpSettings settings;
    private UpServer server;

    @BeforeEach
    void start() throws Exception {
        try (ServerSocket free = new ServerSocket(0)) {
            settings = new UpSettings("127.0.0.1", 1, 2, free.getLocalPort(), Path.of("x"));
        }
        server = UpServer.bind(settings);
        server.start(List::of, UpServerTest::apply);
        server.allStarted();
    }

    @AfterEach
    void stop() {
        server.stop();
        http.close();
    }

    private static PlanReply apply(String model, JsonNode body) {
        return switch (model) {
            case "new" -> new PlanReply.Applied(model, true);
            case "old" -> new PlanReply.Applied(model, false);
            case "bad" -> new PlanReply.Refused("no");
            default -> throw new IllegalStateException("broken");
        };
    }

    private HttpResponse<String> post(String type, String body) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(settings.httpUrl() + "/plans"))
                        .header("Content-Type", type)
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    private HttpResponse<String> plan(String model) throws Exception {
        return post("application/json", "{\"model\":\"" + model + "\",\"plan\":{}}");
    }

    @Test
    void aPlanIsAnsweredWithWhatBecameOfIt() throws Exception {
        assertThat(plan("new").body().strip()).isEqualTo("{\"model\":\"new\",\"applications\":\"started\"}");
        assertThat(plan("old").body()).contains("\"running\"");
        assertThat(plan("bad").statusCode()).isEqualTo(400);
        assertThat(plan("broken").statusCode()).isEqualTo(500);
    }

    @Test
    void whatIsNoPlanIsRefused() throws Exception {
        assertThat(post("text/plain", "{}").statusCode()).isEqualTo(415);
        assertThat(post("application/json", "{").statusCode()).isEqualTo(400);
        assertThat(post("application/json", "{}").body()).contains("needed");
        assertThat(post("application/json", " ".repeat(1 << 21)).statusCode()).isEqualTo(413);
    }

    @Test
    void healthAndStatusAreDocuments() throws Exception {
        for (String path : List.of("/health", "/status")) {
            HttpResponse<String> answer = http.send(
                    HttpRequest.newBuilder(URI.create(settings.httpUrl() + path))
                            .build(),
                    BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(Json.parse(answer.body().getBytes(StandardCharsets.UTF_8))
                            .isObject())
                    .isTrue();
        }
    }

    @Test
    void countersStandUnderModelAndRoleAndTheWorstLatencyCounts() throws Exception {
        ObjectNode all = Json.object();
        for (String model : List.of("a", "b")) {
            ObjectNode one = (ObjectNode) Json.parse("""
                    {"channels":[{"channel":"ema","version":7}],"counters":{"accepted":2},
                     "latencyMs":{"last":1,"max":9,"count":3}}""".getBytes(StandardCharsets.UTF_8));
            StatusReport.lift(
                    model,
                    "merge",
                    one,
                    all.withArray("channels"),
                    all.withObject("/counters"),
                    all.withObject("/latencyMs"));
        }
        assertThat(Json.compact(all))
                .isEqualTo("{\"channels\":[{\"model\":\"a\",\"channel\":\"ema\",\"version\":7},"
                        + "{\"model\":\"b\",\"channel\":\"ema\",\"version\":7}],\"counters\":{\"a\":{\"merge\":{\"accepted\":2}},\"b\":{\"merge\":{\"accepted\":2}}},"
                        + "\"latencyMs\":{\"last\":1,\"max\":9,\"count\":6}}");
    }
}
