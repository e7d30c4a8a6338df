package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.clients.publish.Outcome;
import dev.weir.clients.publish.Publisher;
import dev.weir.it.fixture.Cli;
import dev.weir.it.fixture.Model;
import dev.weir.it.fixture.Trajectory;
import dev.weir.it.fixture.UpProcess;
import dev.weir.it.fixture.UpProcess.Ports;
import dev.weir.it.fixture.Weights;
import java.nio.file.Path;
import java.util.SortedMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Averages of other widths than those that were tracked, from the snapshots of a running Weir. Two profiles are tracked over a
 * real training run of 60 checkpoints; channels of the widths that are asked for afterwards are folded beside them as truth.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ReconstructIT {

    @TempDir
    private static Path dir;

    private SortedMap<Long, Weights> checkpoints;
    private UpProcess up;
    private Model model;

    @BeforeAll
    void train() throws Exception {
        checkpoints = Trajectory.checkpoints();
        up = UpProcess.start(dir.resolve("data"), Ports.free()).awaitReady();
        model = Model.apply(
                up,
                "widths",
                power("power-0.05", "0.05", 1),
                power("power-0.10", "0.1", 1),
                power("truth-0.15", "0.15", 60),
                power("truth-0.20", "0.2", 60));
        Weights first = checkpoints.get(checkpoints.firstKey());
        try (Publisher publisher = model.publisher("run-1", first)) {
            for (var checkpoint : checkpoints.entrySet()) {
                assertThat(publisher.publish(
                                checkpoint.getKey(), checkpoint.getValue().source()))
                        .isInstanceOf(Outcome.Accepted.class);
            }
        }
    }

    @AfterAll
    void stop() {
        if (model != null) {
            model.close();
        }
        if (up != null) {
            up.close();
        }
    }

    @Test
    void widthsThatWereNotTrackedComeWithinTheirProfilesError() throws Exception {
        // The measured errors of operators.md, A7, for N equally spaced snapshots of the two profiles.
        assertWithin("0.15", 4, 0.106);
        assertWithin("0.15", 15, 0.0105);
        assertWithin("0.2", 4, 0.22);
        assertWithin("0.2", 15, 0.027);
    }

    @Test
    void aWidthThatWasTrackedIsItsSnapshot() throws Exception {
        JsonNode report = reconstruct("tracked", "0.1", 6);
        assertThat(report.path("profileError").asDouble()).isLessThan(1e-12);
        Path pulled = model.pull("power-0.10", dir.resolve("pulled"));
        assertThat(distance(Weights.read(dir.resolve("tracked")), Weights.read(pulled)))
                .isLessThan(1e-7);
    }

    @Test
    void anEarlierStepIsThatOfASnapshotAndOthersAreRefused() throws Exception {
        JsonNode report = reconstruct("early", "0.15", 8, "--step", "600");
        assertThat(report.path("step").asLong()).isEqualTo(600);
        assertThat(report.path("snapshots"))
                .allMatch(snapshot -> snapshot.path("step").asLong() <= 600);
        Cli.Result refused = run("no", "0.15", 8, "--step", "605");
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.err()).contains("step 605", "allowed: 560, 580, 600, 620, 640");
        assertThat(run("no", "0.15", 8, "--channel", "raw").err())
                .contains("channel raw: has no snapshots of power-ema", "power-0.05, power-0.10");
    }

    private void assertWithin(String width, int snapshots, double error) throws Exception {
        String name = "made-" + width + "-" + snapshots;
        JsonNode report = reconstruct(name, width, snapshots);
        assertThat(report.path("snapshots")).hasSize(2 * snapshots);
        assertThat(report.path("profileError").asDouble()).isBetween(0.8 * error, 1.2 * error);
        assertThat(report.path("checkpointError").asDouble()).isLessThan(1.2 * error);
        assertThat(report.path("snapshots")
                        .valueStream()
                        .mapToDouble(snapshot -> snapshot.path("coefficient").asDouble())
                        .sum())
                .isBetween(1 - 1e-9, 1 + 1e-9);
        Weights truth = Weights.read(
                model.pull("truth-" + (width.equals("0.2") ? "0.20" : width), dir.resolve(name + "-truth")));
        Weights made = Weights.read(dir.resolve(name));
        Weights last = checkpoints.get(checkpoints.lastKey());
        // The profile's error moves weight between checkpoints of a run whose weights move by this much altogether.
        assertThat(distance(made, truth)).isLessThan(error * distance(last, checkpoints.get(checkpoints.firstKey())));
    }

    private JsonNode reconstruct(String out, String width, int snapshots, String... more) throws Exception {
        return run(out, width, snapshots, more).succeeded().json();
    }

    private Cli.Result run(String out, String width, int snapshots, String... more) throws Exception {
        java.util.List<String> words = new java.util.ArrayList<>(java.util.List.of(
                "reconstruct",
                "--model",
                "widths",
                "--sigma-rel",
                width,
                "--snapshots",
                Integer.toString(snapshots),
                "-o",
                dir.resolve(out).toString(),
                "--json"));
        if (java.util.List.of(more).contains("--channel")) {
            words.addAll(java.util.List.of(more));
        } else {
            words.addAll(java.util.List.of("--channel", "power-0.05", "--channel", "power-0.10"));
            words.addAll(java.util.List.of(more));
        }
        return up.weir(words.toArray(String[]::new));
    }

    private static String power(String name, String width, int emitEvery) {
        return "{name: %s, operator: power-ema, settings: {sigma-rel: %s}, emit-every: %d}"
                .formatted(name, width, emitEvery);
    }

    private static double distance(Weights one, Weights other) {
        double sum = 0;
        for (int t = 0; t < one.tensors().size(); t++) {
            for (int i = 0; i < one.tensors().get(t).length; i++) {
                double difference = one.tensors().get(t)[i] - other.tensors().get(t)[i];
                sum += difference * difference;
            }
        }
        return Math.sqrt(sum);
    }
}
