package dev.weir.cli.option;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.cli.Json;
import dev.weir.cli.WeirException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Talks JSON to the HTTP address of a running {@code weir up}.
 *
 * <p>Uses the JDK's plain connection, which starts in a fraction of its newer client's time.
 */
public final class HttpJson {

    private static final Duration APPLY_LIMIT = Duration.ofSeconds(90);

    private HttpJson() {}

    public static JsonNode get(ClientOptions client, String path) {
        String url = client.http() + path;
        try {
            return answer(url, connect(client, url, client.timeout()));
        } catch (IOException e) {
            throw silent(url, "start one with `weir up`, or give its address", e);
        }
    }

    /** Waits longer than {@link #get}: applying a plan starts processes. */
    public static JsonNode post(ClientOptions client, String path, JsonNode body) {
        String url = client.http() + path;
        try {
            HttpURLConnection connection = connect(client, url, client.timeoutGiven() ? client.timeout() : APPLY_LIMIT);
            connection.setRequestMethod("POST");
            connection.setRequestProperty("Content-Type", "application/json");
            connection.setDoOutput(true);
            try (OutputStream out = connection.getOutputStream()) {
                out.write(Json.compact(body).getBytes(StandardCharsets.UTF_8));
            }
            if (connection.getResponseCode() == HttpURLConnection.HTTP_NOT_FOUND && isRun(client)) {
                throw new WeirException(
                        url,
                        "this is `weir run`, which takes no plans",
                        "expected: a running weir up at --http",
                        "leave --http out and name the brokers by --bootstrap; the coordinator is then asked itself");
            }
            return answer(url, connection);
        } catch (IOException e) {
            throw silent(
                    url, "start one with `weir up`; on a Kafka of your own give --bootstrap, and leave --http out", e);
        }
    }

    /** Whether {@code --http} is the address of a single application. */
    private static boolean isRun(ClientOptions client) throws IOException {
        String url = client.http() + "/status";
        HttpURLConnection connection = connect(client, url, client.timeout());
        return connection.getResponseCode() == HttpURLConnection.HTTP_OK
                && answer(url, connection).has("role");
    }

    private static HttpURLConnection connect(ClientOptions client, String url, Duration readLimit) throws IOException {
        URLConnection connection;
        try {
            connection = URI.create(url).toURL().openConnection(Proxy.NO_PROXY);
        } catch (IllegalArgumentException | IOException e) {
            throw noAddress(url, e);
        }
        if (!(connection instanceof HttpURLConnection http)) {
            throw noAddress(url, new IOException("no HTTP"));
        }
        http.setConnectTimeout(millis(client.timeout()));
        http.setReadTimeout(millis(readLimit));
        return http;
    }

    private static JsonNode answer(String url, HttpURLConnection connection) throws IOException {
        int code = connection.getResponseCode();
        JsonNode body = Json.object();
        InputStream stream = code < 400 ? connection.getInputStream() : connection.getErrorStream();
        if (stream != null) {
            try (stream) {
                body = Json.parse(stream.readAllBytes());
            } catch (JsonProcessingException foreign) {
                if (code < 400) {
                    throw foreign;
                }
            }
        }
        if (code != HttpURLConnection.HTTP_OK) {
            throw new WeirException(
                    url,
                    "answered " + code + ": " + body.path("error").asText("without a reason"),
                    "",
                    "see `weir status`");
        }
        return body;
    }

    private static int millis(Duration duration) {
        return (int) Math.min(duration.toMillis(), Integer.MAX_VALUE);
    }

    private static WeirException noAddress(String url, Exception e) {
        return new WeirException("--http " + url, "is no address", "allowed: http://HOST:PORT", "correct it", e);
    }

    private static WeirException silent(String url, String next, IOException e) {
        String detail = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return new WeirException(
                url, "does not answer (" + detail + ")", "expected: a running weir up at --http", next, e);
    }
}
