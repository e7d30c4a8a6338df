package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.clients.publish.Outcome;
import dev.weir.clients.publish.Publisher;
import dev.weir.it.fixture.Broker;
import dev.weir.it.fixture.Cli;
import dev.weir.it.fixture.Model;
import dev.weir.it.fixture.Trajectory;
import dev.weir.it.fixture.UpProcess;
import dev.weir.it.fixture.UpProcess.Ports;
import dev.weir.it.fixture.Weights;
import dev.weir.schemas.record.Ingredient;
import dev.weir.schemas.record.Manifest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sixty real checkpoints go in; their averages come out, and can be derived again from the log. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class MainPathIT {

    private static final String RUN = "run-1";
    private static final long SWA_FROM = 420;
    private static final int BY_VERB = 3;
    private static final int LARGEST_TENSOR_BYTES = 64 * 784 * 4;

    @TempDir
    private static Path dir;

    private final SortedMap<Long, Path> files = new TreeMap<>();
    private final List<Long> steps = new ArrayList<>();
    private final List<Outcome> outcomes = new ArrayList<>();
    private UpProcess up;
    private Model model;

    @BeforeAll
    void publishAll() throws Exception {
        SortedMap<Long, Weights> checkpoints = Trajectory.checkpoints();
        for (Map.Entry<Long, Weights> next : checkpoints.entrySet()) {
            steps.add(next.getKey());
            files.put(
                    next.getKey(),
                    next.getValue().write(dir.resolve("step-%06d.safetensors".formatted(next.getKey()))));
        }
        up = UpProcess.start(dir.resolve("data"), Ports.free()).awaitReady();
        model = Model.apply(
                up,
                "mnist",
                Model.ema(0.9),
                Model.ema(0.97),
                "{name: swa, operator: swa, settings: {from-step: " + SWA_FROM + ", every: 1}}");
        int byClient = steps.size() - BY_VERB;
        try (Publisher publisher = model.publisher(RUN, checkpoints.get(steps.get(0)))) {
            for (long step : steps.subList(0, byClient)) {
                outcomes.add(publisher.publish(step, checkpoints.get(step).source()));
            }
        }
        for (long step : steps.subList(byClient, steps.size())) {
            model.publish(RUN, step, files.get(step)).succeeded();
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
    void everyCheckpointIsAccepted() {
        assertThat(steps).hasSize(60);
        assertThat(outcomes).hasSize(57).allMatch(Outcome.Accepted.class::isInstance);
    }

    @ParameterizedTest
    @CsvSource({"ema-0.9, ema0.9, 0", "ema-0.97, ema0.97, 0", "swa, swa, 2e-6"})
    void theAverageIsPyTorchs(String channel, String prefix, double relative, @TempDir Path out) throws Exception {
        Weights pulled = Weights.read(model.pull(channel, out));
        Weights reference = Trajectory.reference(prefix);
        assertThat(pulled.layout()).isEqualTo(reference.layout());
        for (int t = 0; t < pulled.tensors().size(); t++) {
            float[] expected = reference.tensors().get(t);
            double largest = 0;
            for (float value : expected) {
                largest = Math.max(largest, Math.abs(value));
            }
            float[] actual = pulled.tensors().get(t);
            if (relative == 0) {
                assertThat(actual).isEqualTo(expected);
            }
            assertThat(actual).containsExactly(expected, within((float) (relative * largest)));
        }
    }

    @ParameterizedTest
    @CsvSource({"ema-0.9, ema, decay=0.9, 20", "ema-0.97, ema, decay=0.97, 20", "swa, swa, every=1, 420"})
    void mergeOfTheSameFilesGivesTheSameFile(
            String channel, String operator, String setting, long from, @TempDir Path out) throws Exception {
        Path merged = out.resolve("merged.safetensors");
        List<String> words =
                new ArrayList<>(List.of("merge", "--operator", operator, "--set", setting, "-o", merged.toString()));
        files.tailMap(from).values().forEach(file -> words.add(file.toString()));
        Cli.run(words).succeeded();
        assertThat(Files.mismatch(model.pull(channel, out.resolve("pulled")), merged))
                .isEqualTo(-1);
    }

    @ParameterizedTest
    @CsvSource({"ema-0.9, 60, 20", "ema-0.97, 60, 20", "swa, 40, 420"})
    void versionsCountFromOneAndTheirLineageSumsToOne(String channel, int versions, long from) {
        List<Manifest> manifests = model.manifests(channel);
        assertThat(manifests)
                .extracting(Manifest::getVersion)
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, versions).boxed().toList());
        List<Long> entered = steps.stream().filter(step -> step >= from).toList();
        for (Manifest manifest : manifests) {
            assertThat(manifest.getIngredients())
                    .extracting(Ingredient::getStep)
                    .containsExactlyElementsOf(entered.subList(0, (int) manifest.getVersion()));
            assertThat(manifest.getIngredients().stream()
                            .mapToDouble(Ingredient::getWeight)
                            .sum())
                    .isCloseTo(1, within(1e-9));
        }
    }

    @Test
    void anOlderVersionCanBePulled(@TempDir Path out) throws Exception {
        up.weir("pull", "--model", "mnist", "--channel", "ema-0.9", "--version", "1", "--out", out.toString())
                .succeeded();
        assertThat(Files.readSymbolicLink(out.resolve("current"))).isEqualTo(Path.of("v000001"));
        assertThat(out.resolve("v000001/model.safetensors")).hasSameBinaryContentAs(files.get(steps.get(0)));
    }

    @Test
    void theSameStepAgainIsFineWithTheSameBytesOnly() throws Exception {
        long last = steps.get(steps.size() - 1);
        assertThat(model.publish(RUN, last, files.get(last)).exit()).isZero();
        Cli.Result other = model.publish(RUN, last, files.get(steps.get(0)));
        assertThat(other.exit()).isEqualTo(1);
        assertThat(other.err()).contains("conflict: step " + last).hasLineCount(1);
        assertThat(model.manifests("ema-0.9")).hasSize(60);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void replayFindsEverySnapshotEqualAndLeavesNoTrace(int threads) throws Exception {
        try (Broker broker = Broker.of(up)) {
            Set<String> topics = broker.topics();
            Set<String> groups = broker.groups();
            Map<String, Long> written = broker.ends(model.topics());
            Cli.Result replay =
                    up.weir("replay", "--model", "mnist", "--verify", "--json", "--threads", Integer.toString(threads));
            assertThat(replay.succeeded().json().path("snapshots").asInt()).isEqualTo(160);
            assertThat(replay.json().path("equal").asInt()).isEqualTo(160);
            assertThat(replay.json().path("threads").asInt()).isEqualTo(threads);
            assertThat(broker.topics()).isEqualTo(topics);
            assertThat(broker.groups()).isEqualTo(groups);
            assertThat(broker.ends(model.topics())).isEqualTo(written);
        }
    }

    @Test
    void noTopicIsOutsideTheCatalogueAndNoChangelogHoldsWeights() throws Exception {
        try (Broker broker = Broker.of(up)) {
            Set<String> catalogue = broker.namesOf(model.topics());
            assertThat(broker.topics())
                    .containsAll(catalogue)
                    .allMatch(topic -> catalogue.contains(topic)
                            || topic.equals("__consumer_offsets")
                            || topic.equals("__transaction_state"));
            List<String> changelogs = broker.topics().stream()
                    .filter(topic -> topic.endsWith("-changelog"))
                    .toList();
            assertThat(changelogs).containsExactly("weir-mnist-coordinate-state-changelog");
            assertThat(model.records(changelogs.get(0)))
                    .isNotEmpty()
                    .allMatch(next -> next.value() == null || next.value().length < LARGEST_TENSOR_BYTES / 10);
        }
    }

    @Test
    void statusTellsProcessesAndLatency() throws Exception {
        JsonNode status = up.weir("status", "--json").succeeded().json();
        List<String> names = new ArrayList<>();
        for (JsonNode process : status.path("processes")) {
            names.add(process.path("name").asText());
            assertThat(ProcessHandle.of(process.path("pid").asLong())).isPresent();
            assertThat(process.path("state").asText()).isEqualTo("running");
        }
        assertThat(names).containsExactlyInAnyOrder("broker", "registry", "merge", "coordinate", "compatibility");
        assertThat(status.path("latencyMs").path("count").asInt()).isEqualTo(160);
        assertThat(status.path("latencyMs").path("last").asLong()).isBetween(1L, 10_000L);
        assertThat(status.path("channels")).hasSize(3);
        assertThat(status.path("counters")
                        .path("mnist")
                        .path("coordinate")
                        .path("accepted")
                        .asInt())
                .isEqualTo(60);
    }
}
