package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.clients.publish.Outcome;
import dev.weir.clients.publish.Publisher;
import dev.weir.clients.subscribe.ManifestJson;
import dev.weir.it.fixture.Broker;
import dev.weir.it.fixture.Cli;
import dev.weir.it.fixture.DigitsProgram;
import dev.weir.it.fixture.Model;
import dev.weir.it.fixture.UpProcess;
import dev.weir.it.fixture.UpProcess.Ports;
import dev.weir.it.fixture.Weights;
import dev.weir.schemas.record.Manifest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Averages after the fact: another plan over the log of a model, which its running application does not notice. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class PlanReplayIT {

    private static final int CHECKPOINTS = 6;

    @TempDir
    private static Path dir;

    private final List<Path> files = new ArrayList<>();
    private UpProcess up;
    private Model model;
    private Broker broker;

    @BeforeAll
    void publish() throws Exception {
        up = UpProcess.start(dir.resolve("data"), Ports.free()).awaitReady();
        broker = Broker.of(up);
        model = Model.apply(up, "after", Model.ema(0.9));
        List<Weights> checkpoints = new ArrayList<>();
        for (int i = 1; i <= CHECKPOINTS; i++) {
            checkpoints.add(Weights.random(Weights.SMALL, i));
            files.add(checkpoints.getLast().write(dir.resolve("step-" + i)));
        }
        try (Publisher publisher = model.publisher("merge", checkpoints.getFirst())) {
            for (int i = 1; i <= CHECKPOINTS; i++) {
                assertThat(publisher.publish(i, checkpoints.get(i - 1).source()))
                        .isInstanceOf(Outcome.Accepted.class);
                if (i == 3) {
                    // One that is refused, and a plan that changes half-way: neither is of the other plan's business.
                    Weights bad = Weights.random(Weights.SMALL, 99).with(1, 7, Float.NaN);
                    try (Publisher other = model.publisher("bad", bad)) {
                        assertThat(other.publish(1, bad.source())).isInstanceOf(Outcome.Rejected.class);
                    }
                    Model.apply(up, "after", Model.ema(0.9), Model.ema(0.5)).close();
                }
            }
        }
    }

    @AfterAll
    void stop() {
        if (broker != null) {
            broker.close();
        }
        if (model != null) {
            model.close();
        }
        if (up != null) {
            up.close();
        }
    }

    @Test
    @Order(1)
    void itsVersionsAreTheOfflineMergesAndNothingOfTheModelMoves() throws Exception {
        Path plan = plan(
                "{name: slow, operator: ema, settings: {decay: 0.99}}",
                "{name: window, operator: lawa, settings: {window: 3}}",
                "{name: mean, operator: swa, emit-every: 2}",
                "{name: stock, operator: model-stock}");
        Map<String, Long> ends = broker.settled(model.topics());
        Map<String, Map<TopicPartition, OffsetAndMetadata>> offsets = broker.committed();

        JsonNode report = replay(plan, "out", "--threads", "3").succeeded().json();

        assertThat(broker.ends(model.topics())).isEqualTo(ends);
        assertThat(broker.committed()).isEqualTo(offsets).isNotEmpty();
        assertThat(report.path("checkpoints").asInt()).isEqualTo(CHECKPOINTS);
        assertThat(report.path("versions")).hasSize(4);
        assertSameAsMerge("slow", 6, "ema", "decay=0.99");
        assertSameAsMerge("window", 6, "lawa", "window=3");
        assertSameAsMerge("mean", 3, "swa", "every=1");
        assertSameAsMerge("stock", 6, "model-stock", "");
        for (JsonNode version : report.path("versions")) {
            Path weights = Path.of(version.path("path").asText()).resolve("model.safetensors");
            assertThat(version.path("digest").asText()).isEqualTo(DigitsProgram.digest(weights));
        }
        try (Stream<Path> left = Files.list(dir.resolve("out"))) {
            assertThat(left.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder("slow", "window", "mean", "stock");
        }
    }

    @Test
    @Order(2)
    void theSameChannelHasTheSameVersionsAsTheLiveOne() throws Exception {
        JsonNode report = replay(plan(Model.ema(0.9), Model.ema(0.5)), "again", "--channel", "ema-0.9", "--emit", "all")
                .succeeded()
                .json();

        List<Manifest> live = model.manifests("ema-0.9");
        assertThat(report.path("versions")).hasSize(live.size()).hasSize(CHECKPOINTS);
        ObjectMapper json = new ObjectMapper();
        for (int i = 0; i < live.size(); i++) {
            // Read from text on both sides: a number that was read has another type of node than one that was put.
            JsonNode wanted = json.readTree(ManifestJson.tree(live.get(i)).toString());
            Path directory = dir.resolve("again/ema-0.9").resolve("v00000" + (i + 1));
            JsonNode found = json.readTree(directory.resolve("manifest.json").toFile());
            assertThat(found).isEqualTo(wanted);
        }
        assertThat(dir.resolve("again/ema-0.5")).doesNotExist();
    }

    @Test
    @Order(3)
    void whatMakesNoSenseIsRefused() throws Exception {
        Path other =
                Files.writeString(dir.resolve("other.yaml"), "model: other\nchannels: [{name: a, operator: swa}]\n");
        assertThat(replay(other, "no").err()).contains("is for model other", "allowed: a plan for after");
        Path plan = plan(Model.ema(0.9));
        assertThat(replay(plan, "no", "--channel", "b").err()).contains("b is not in", "allowed: ema-0.9");
        assertThat(replay(plan, "no", "--emit", "some").exit()).isEqualTo(2);
        assertThat(replay(plan, "no", "--verify").exit()).isEqualTo(2);
        assertThat(dir.resolve("no")).doesNotExist();
    }

    @Test
    @Order(4)
    void aLogWhoseBeginningIsGoneIsRefusedByName() throws Exception {
        TopicPartition cut = new TopicPartition(model.topics().deltas(), 1);
        Broker.get(broker.admin()
                .deleteRecords(Map.of(cut, RecordsToDelete.beforeOffset(5)))
                .all());

        Cli.Result refused = replay(plan(Model.ema(0.9)), "cut");

        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.err())
                .startsWith("weir: ")
                .contains("after.deltas-1", "offsets 0 to 4 are gone", "--from-retained");
        try (Stream<Path> left = Files.list(dir.resolve("cut"))) {
            assertThat(left).isEmpty();
        }
    }

    private void assertSameAsMerge(String channel, int version, String operator, String setting) throws Exception {
        Path merged = dir.resolve("merged-" + channel);
        List<String> words = new ArrayList<>(List.of("merge", "--operator", operator, "-o", merged.toString()));
        if (!setting.isEmpty()) {
            words.addAll(List.of("--set", setting));
        }
        files.forEach(file -> words.add(file.toString()));
        Cli.here(words).succeeded();
        Path written = dir.resolve("out").resolve(channel).resolve("current");
        assertThat(written.toRealPath().getFileName()).hasToString("v00000" + version);
        assertThat(Files.mismatch(written.resolve("model.safetensors"), merged))
                .as(channel)
                .isEqualTo(-1);
    }

    private Cli.Result replay(Path plan, String out, String... more) throws Exception {
        List<String> words = new ArrayList<>(List.of(
                "replay",
                "--model",
                "after",
                "--plan",
                plan.toString(),
                "--out",
                dir.resolve(out).toString(),
                "--json"));
        words.addAll(List.of(more));
        return up.weir(words.toArray(String[]::new));
    }

    private static Path plan(String... channels) throws Exception {
        Path plan = Files.createTempFile(dir, "plan", ".yaml");
        return Files.writeString(plan, "model: after\nchannels:\n  - " + String.join("\n  - ", channels) + "\n");
    }
}
