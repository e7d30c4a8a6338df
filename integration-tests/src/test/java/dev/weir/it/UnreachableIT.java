package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.it.fixture.Cli;
import dev.weir.it.fixture.Cli.Result;
import dev.weir.it.fixture.Model;
import dev.weir.it.fixture.UpProcess.Ports;
import dev.weir.it.fixture.Weights;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A broker that is not there, or takes connections and says nothing: one line and exit 1, by default within 15 seconds of an idle
 * machine. Here ten more processes share two processors, and starting takes its part of the limit.
 */
final class UnreachableIT {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    private Path dir;

    private static Stream<List<String>> verbs() {
        return Stream.of(
                List.of("plan", "get", "--model", "m"),
                List.of("plan", "apply", "plan.yaml"),
                List.of("publish", "--model", "m", "--run", "r", "--step", "1", "weights.safetensors"),
                List.of("pull", "--model", "m", "--channel", "c", "--out", "out"),
                List.of("inspect", "--model", "m", "--channel", "c", "--version", "1"),
                List.of("evaluate", "--model", "m", "--channel", "c", "--version", "1", "predictions.csv"),
                List.of("replay", "--model", "m", "--verify"),
                List.of("promote", "--model", "m", "--channel", "c", "--version", "1", "--reason", "r"),
                List.of("rollback", "--model", "m", "--reason", "r"),
                List.of("topics", "verify", "--model", "m"),
                List.of("status"));
    }

    @BeforeEach
    void write() throws Exception {
        Files.writeString(dir.resolve("plan.yaml"), "{model: m, channels: [" + Model.ema(0.9) + "]}");
        Files.writeString(dir.resolve("predictions.csv"), "id,label,prediction\n1,1,1\n");
        Weights.random(Weights.SMALL, 1).write(dir.resolve("weights.safetensors"));
    }

    @Test
    void aClosedPortIsToldInOneLineInTime() throws Exception {
        assertAllTold(Ports.free().kafka());
    }

    @Test
    void aSilentPortIsToldInOneLineInTime() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"))) {
            assertAllTold(silent.getLocalPort());
        }
    }

    /** Some at a time: they wait more than they work. */
    private void assertAllTold(int port) throws Exception {
        try (ExecutorService some = Executors.newFixedThreadPool(4)) {
            for (Future<?> told : some.invokeAll(verbs().map(verb -> Executors.callable(() -> unchecked(verb, port)))
                    .toList())) {
                told.get();
            }
        }
    }

    private void unchecked(List<String> verb, int port) {
        try {
            assertTold(verb, port);
        } catch (Exception e) {
            throw new AssertionError(verb + ": " + e, e);
        }
    }

    private void assertTold(List<String> verb, int port) throws Exception {
        List<String> words = new ArrayList<>();
        for (String word : verb) {
            words.add(
                    word.contains(".") || word.equals("out") ? dir.resolve(word).toString() : word);
        }
        words.addAll(List.of("--bootstrap", "127.0.0.1:" + port, "--registry", "http://127.0.0.1:1/apis/ccompat/v7"));
        words.addAll(List.of("--http", "http://127.0.0.1:1"));
        long began = System.nanoTime();
        Result result = Cli.run(words);
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        assertThat(result.exit()).as(result.err()).isEqualTo(1);
        assertThat(result.err().lines()).as(result.err()).hasSize(1);
        assertThat(result.err()).startsWith("weir: ").doesNotContain("Exception");
        assertThat(took).as(words.toString()).isLessThan(LIMIT);
    }
}
