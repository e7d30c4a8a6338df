package dev.weir.cli.option;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.cli.Json;
import dev.weir.cli.WeirException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Talks JSON to the HTTP address of a running {@code weir up}. */
public final class HttpJson {

    private static final Duration APPLY_LIMIT = Duration.ofSeconds(90);

    private HttpJson() {}

    public static JsonNode get(ClientOptions client, String path) {
        return send(
                client, path, request(client, path).timeout(client.timeout()).GET());
    }

    /** Waits longer than {@link #get}: applying a plan starts processes. */
    public static JsonNode post(ClientOptions client, String path, JsonNode body) {
        Duration limit = client.timeoutGiven() ? client.timeout() : APPLY_LIMIT;
        HttpRequest.BodyPublisher content =
                HttpRequest.BodyPublishers.ofString(Json.compact(body), StandardCharsets.UTF_8);
        return send(
                client,
                path,
                request(client, path)
                        .timeout(limit)
                        .header("Content-Type", "application/json")
                        .POST(content));
    }

    private static HttpRequest.Builder request(ClientOptions client, String path) {
        String url = client.http() + path;
        try {
            return HttpRequest.newBuilder(URI.create(url));
        } catch (IllegalArgumentException e) {
            throw new WeirException("--http " + url, "is no address", "allowed: http://HOST:PORT", "correct it", e);
        }
    }

    private static JsonNode send(ClientOptions client, String path, HttpRequest.Builder request) {
        String url = client.http() + path;
        try (HttpClient http =
                HttpClient.newBuilder().connectTimeout(client.timeout()).build()) {
            HttpResponse<byte[]> response = http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            JsonNode body = Json.parse(response.body());
            if (response.statusCode() != 200) {
                throw new WeirException(
                        url,
                        "answered " + response.statusCode() + ": "
                                + body.path("error").asText("without a reason"),
                        "",
                        "see `weir status`");
            }
            return body;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw silent(url, e);
        } catch (IOException e) {
            throw silent(url, e);
        }
    }

    private static WeirException silent(String url, Exception e) {
        String detail = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return new WeirException(
                url,
                "does not answer (" + detail + ")",
                "expected: a running weir up at --http",
                "start one with `weir up`, or give its address",
                e);
    }
}
