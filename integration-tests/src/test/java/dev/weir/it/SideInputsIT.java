package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.clients.evaluate.SideInputs;
import dev.weir.clients.publish.Publisher;
import dev.weir.it.fixture.Cli;
import dev.weir.it.fixture.Model;
import dev.weir.it.fixture.UpProcess;
import dev.weir.it.fixture.UpProcess.Ports;
import dev.weir.it.fixture.Weights;
import dev.weir.schemas.record.Decision;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Losses and counts of samples over the wire, by the trainer and by others, in order and not. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SideInputsIT {

    private static final List<Double> LOSSES = List.of(2.0, 1.0, 4.0, 0.5);
    private static final List<Double> SAMPLES = List.of(10.0, 30.0, 20.0, 40.0);
    private static final String[] CHANNELS = {
        "{name: kalman, operator: kalman, settings: {loss-input: loss}}",
        "{name: soup, operator: uniform-soup, settings: {weight-input: samples}}\ninput-wait-ms: 600000"
    };

    @TempDir
    private static Path dir;

    private final List<Weights> checkpoints = new ArrayList<>();
    private final List<String> files = new ArrayList<>();
    private UpProcess up;

    @BeforeAll
    void start() throws Exception {
        for (int i = 0; i < LOSSES.size(); i++) {
            checkpoints.add(Weights.random(Weights.SMALL, i));
            files.add(checkpoints.get(i).write(dir.resolve("step-" + i)).toString());
        }
        up = UpProcess.start(dir.resolve("data"), Ports.free()).awaitReady();
    }

    @AfterAll
    void stop() {
        if (up != null) {
            up.close();
        }
    }

    @Test
    void inputsOfTheTrainerAndInputsInAnyOrderGiveTheOfflineMergesBytes() throws Exception {
        try (Model model = Model.apply(up, "trainer", CHANNELS)) {
            try (Publisher publisher = model.publisher("r", checkpoints.getFirst())) {
                for (int i = 0; i < checkpoints.size(); i++) {
                    Map<String, Double> inputs = Map.of("loss", LOSSES.get(i), "samples", SAMPLES.get(i), "speed", 3.0);
                    publisher.publish(i, checkpoints.get(i).source(), inputs);
                }
            }
            assertAsOffline(model);
            Decision third = accepted(model).get(2);
            assertThat(third.getInputs()).containsExactlyInAnyOrderEntriesOf(Map.of("loss", 4.0, "samples", 20.0));
        }
        try (Model model = Model.apply(up, "others", CHANNELS);
                SideInputs inputs = SideInputs.open(model.connection(), "others", "nightly");
                Publisher publisher = model.publisher("r", checkpoints.getFirst())) {
            inputs.ofCheckpoint("r", 1, "samples", SAMPLES.get(1));
            inputs.ofCheckpoint("r", 1, "loss", LOSSES.get(1));
            publisher.send(0, checkpoints.get(0).source());
            publisher.send(1, checkpoints.get(1).source());
            byVerb("others", 0, "samples=" + SAMPLES.get(0));
            byVerb("others", 0, "samples=" + SAMPLES.get(0));
            assertThat(accepted(model)).as("the second waits behind the first").isEmpty();
            byVerb("others", 0, "loss=" + LOSSES.get(0));
            publisher.await(0);
            publisher.await(1);
            for (int i = 2; i < checkpoints.size(); i++) {
                up.weir(
                                "publish",
                                "--model",
                                "others",
                                "--run",
                                "s",
                                "--step",
                                "" + i,
                                "--input",
                                "loss=" + LOSSES.get(i),
                                "--input",
                                "samples=" + SAMPLES.get(i),
                                files.get(i))
                        .succeeded();
            }
            assertAsOffline(model);
            UpProcess.await(
                    java.time.Duration.ofSeconds(30),
                    () -> model.records(model.topics().dlq()).size() == 1);
            assertThat(counters("others").path("input-duplicate").asInt()).isEqualTo(1);
        }
    }

    @Test
    void whatIsMissingIsDecidedOnceAndReplayedExactly() throws Exception {
        try (Model model = Model.apply(
                        up,
                        "missing",
                        CHANNELS[0],
                        "{name: last, operator: ema, settings: {decay: 0}}\ninput-wait-ms: 1500");
                Publisher publisher = model.publisher("r", checkpoints.getFirst())) {
            publisher.publish(0, checkpoints.get(0).source(), Map.of("loss", 1.0));
            long began = System.nanoTime();
            publisher.publish(1, checkpoints.get(1).source());
            assertThat(System.nanoTime() - began).isGreaterThan(1_400_000_000L);
            publisher.publish(2, checkpoints.get(2).source(), Map.of("loss", 1.0));
            assertThat(accepted(model).get(1).getPassedBy())
                    .containsExactlyEntriesOf(Map.of("kalman", "input-missing: loss did not come within 1500 ms"));
            assertThat(model.manifests("kalman")).hasSize(2);
            assertThat(model.manifests("last")).hasSize(3);
            assertThat(counters("missing").path("input-missing").asInt()).isEqualTo(1);
            byVerb("missing", 1, "loss=1");
            UpProcess.await(
                    java.time.Duration.ofSeconds(30),
                    () -> model.records(model.topics().dlq()).size() == 1);
            replayed("missing", 5);
        }
    }

    private void byVerb(String model, long step, String... numbers) throws Exception {
        List<String> words =
                new ArrayList<>(List.of("evaluate", "--model", model, "--run", "r", "--step", Long.toString(step)));
        for (String number : numbers) {
            words.addAll(List.of("--value", number));
        }
        up.weir(words.toArray(String[]::new)).succeeded();
    }

    private void assertAsOffline(Model model) throws Exception {
        assertMerged(model, "kalman", "kalman", "losses=2,1,4,0.5");
        assertMerged(model, "soup", "uniform-soup", "weights=10,30,20,40");
        replayed(model.name(), 8);
    }

    private void assertMerged(Model model, String channel, String operator, String setting) throws Exception {
        Path merged = dir.resolve(model.name() + "-" + channel);
        List<String> words =
                new ArrayList<>(List.of("merge", "--operator", operator, "--set", setting, "-o", merged.toString()));
        words.addAll(files);
        Cli.here(words).succeeded();
        Path pulled = model.pull(channel, dir.resolve(model.name() + "-pulled-" + channel));
        assertThat(Files.mismatch(pulled, merged)).isEqualTo(-1);
    }

    private void replayed(String model, int snapshots) throws Exception {
        JsonNode replay = up.here("replay", "--model", model, "--verify", "--json")
                .succeeded()
                .json();
        assertThat(replay.path("snapshots").asInt()).isEqualTo(snapshots);
        assertThat(replay.path("equal").asInt()).isEqualTo(snapshots);
    }

    private JsonNode counters(String model) throws Exception {
        return up.application(model, "coordinate").path("counters");
    }

    private static List<Decision> accepted(Model model) {
        return model.decisions().stream()
                .filter(decision -> decision.getReason().isEmpty())
                .toList();
    }
}
