package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.cli.up.JavaCommand;
import dev.weir.clients.plan.PlanClient;
import dev.weir.it.fixture.Cli;
import dev.weir.it.fixture.LargeModel;
import dev.weir.it.fixture.Model;
import dev.weir.it.fixture.RawTrainer;
import dev.weir.it.fixture.UpProcess;
import dev.weir.it.fixture.UpProcess.Ports;
import dev.weir.topology.plan.PlanFormat;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Merge was away while a trainer went on: it folds what lies in the log, within its heap, and nothing is lost. */
final class BacklogIT {

    private static final String MODEL = "backlog";
    private static final int CHECKPOINTS = 8;
    private static final LargeModel LARGE = new LargeModel(Integer.getInteger("weir.backlog-mib", 512) / CHECKPOINTS);
    private static final String HEAP =
            "-Xmx512m -XX:+ExitOnOutOfMemoryError " + String.join(" ", JavaCommand.LARGE_RECORDS);
    private static final long HEAP_BYTES = 512L << 20;
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    @TempDir
    private Path dir;

    @Test
    void aBacklogAsLargeAsTheHeapIsFoldedWithinIt() throws Exception {
        long needed = 2 * CHECKPOINTS * LARGE.byteSize();
        assumeTrue(dir.toFile().getUsableSpace() > needed, "needs " + needed + " bytes of free disk");
        try (UpProcess up = UpProcess.start(dir.resolve("data"), Ports.free(), UpProcess.AS_PEOPLE_RUN_IT)
                        .awaitReady();
                Model model = Model.of(up, MODEL)) {
            up.weir("topics", "apply", "--model", MODEL, "--partitions", "4").succeeded();
            Application coordinate = start(up, "coordinate", HEAP);
            try (PlanClient plans = PlanClient.open(model.connection(), MODEL)) {
                plans.propose(
                        PlanFormat.toJson(PlanFormat.parse("{model: " + MODEL + ", channels: [{name: ema,"
                                + " operator: ema, settings: {decay: 0.9}, emit-every: " + CHECKPOINTS + "}]}")),
                        PATIENCE);
            }
            // A publisher would wait for decisions after its second checkpoint.
            try (RawTrainer trainer = RawTrainer.of(model, "run-1", 1, LARGE.layout())) {
                trainer.open();
                for (int step = 1; step <= CHECKPOINTS; step++) {
                    trainer.chunks(step, LARGE.checkpoint(step));
                    trainer.ends(step, LARGE.checkpoint(step), 0);
                }
                Application merge = start(up, "merge", HEAP);
                try {
                    UpProcess.await(PATIENCE, () -> !model.manifests("ema").isEmpty());
                    JsonNode status = merge.status();
                    System.out.println("BacklogIT: " + CHECKPOINTS * LARGE.byteSize() + " bytes of deltas, heap's peak "
                            + status.path("heapPeakBytes").asLong() + ", off it "
                            + status.path("stateBytes").asLong() + ", longest fold "
                            + status.path("longestFoldMs").asLong() + " ms");
                    // A heap that runs out ends the process, which nobody starts again.
                    assertThat(status.path("heapMaxBytes").asLong())
                            .isPositive()
                            .isLessThanOrEqualTo(HEAP_BYTES);
                    assertThat(status.path("heapPeakBytes").asLong())
                            .isPositive()
                            .isLessThanOrEqualTo(HEAP_BYTES);
                    assertThat(status.path("counters").path("chunks").asInt())
                            .isEqualTo(CHECKPOINTS * LARGE.layout().chunkCount());
                    assertThat(model.digests("ema")).containsExactly(LARGE.emaDigest(0.9, CHECKPOINTS));
                } finally {
                    merge.process().destroyForcibly();
                }
            } finally {
                coordinate.process().destroyForcibly();
            }
        }
    }

    /** An application of its own, and where it says how it is. */
    private record Application(Process process, URI url) {
        JsonNode status() throws Exception {
            try (HttpClient client = HttpClient.newHttpClient()) {
                HttpRequest request = HttpRequest.newBuilder(url).build();
                return new ObjectMapper()
                        .readTree(client.send(request, HttpResponse.BodyHandlers.ofString())
                                .body());
            }
        }
    }

    private Application start(UpProcess up, String role, String jvmOptions) throws Exception {
        int port = Ports.free().http();
        Path config = Files.write(
                dir.resolve(role + ".yaml"),
                List.of(
                        "model: " + MODEL,
                        "role: " + role,
                        "bootstrap: " + up.bootstrap(),
                        "registry: " + up.registry(),
                        "data: " + dir.resolve(role),
                        "threads: " + (role.equals("merge") ? 2 : 1),
                        "http-port: " + port));
        Process process = Cli.start(
                List.of("run", "--config", config.toString()),
                jvmOptions,
                dir.resolve(role + ".out"),
                dir.resolve(role + ".err"));
        return new Application(process, URI.create("http://127.0.0.1:" + port + "/status"));
    }
}
