package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.clients.publish.Deltas;
import dev.weir.clients.publish.Outcome;
import dev.weir.clients.publish.Publisher;
import dev.weir.it.fixture.Broker;
import dev.weir.it.fixture.Cli;
import dev.weir.it.fixture.Model;
import dev.weir.it.fixture.UpProcess;
import dev.weir.it.fixture.UpProcess.Ports;
import dev.weir.it.fixture.Weights;
import dev.weir.schemas.delta.Choice;
import dev.weir.schemas.delta.Encoding;
import dev.weir.schemas.record.Chunk;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.Open;
import dev.weir.schemas.record.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
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

/** Another plan over what is left of a log: two runs, one in full and one in differences, and every partition cut elsewhere. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class RetainedReplayIT {
    private static final int STEPS = 9;
    private static final Map<String, String> SHORT = Map.of("WEIR_KEYFRAME_DECISIONS", "4");
    /** Steps 1, 4 and 7 travel in full. */
    private static final Deltas DIFFERENCES = new Deltas(Choice.FAST, 3);
    /** Of this step of the run in full, partition 0 lacks the first chunk; of the one before, partition 1, and so on. */
    private static final long CUT_STEP = 5;
    /** Steps 5 and 6 of the run in differences go back to step 4, which came before what is gone. */
    private static final long FIRST_WHOLE_STEP = 7;

    @TempDir
    private static Path dir;

    /** By run and step. */
    private final Map<String, Path> files = new HashMap<>();
    /** Accepted checkpoints of the whole log by decision. */
    private final TreeMap<Long, Decision> accepted = new TreeMap<>();

    private UpProcess up;
    private Model model;
    private Broker broker;
    private Path plan;
    /** The decision from which all is whole. */
    private long from;

    @BeforeAll
    void publishAndCut() throws Exception {
        up = UpProcess.start(dir.resolve("data"), Ports.free(), SHORT).awaitReady();
        broker = Broker.of(up);
        model = Model.apply(up, "rest", Model.ema(0.9));
        plan = Files.writeString(
                dir.resolve("plan.yaml"),
                "model: rest\nchannels:\n  - {name: slow, operator: ema, settings: {decay: 0.99}}\n"
                        + "  - {name: mean, operator: swa, emit-every: 2}\n  - {name: stock, operator: model-stock}\n");
        Weights frozen = Weights.random(Weights.SMALL, 0);
        try (Publisher full = publisher("full", Deltas.NONE);
                Publisher differing = publisher("differing", DIFFERENCES)) {
            for (int step = 1; step <= STEPS; step++) {
                publish(full, "full", step, Weights.random(Weights.SMALL, step));
                // All but one number stays as it was.
                publish(differing, "differing", step, frozen.with(1, 2 * step, step));
            }
        }
        cut();
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
    void unaskedItIsRefusedWithTheDecisionFromWhichItCouldBegin() throws Exception {
        Cli.Result refused = replay("refused");

        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.err())
                .startsWith("weir: ")
                .contains(
                        "rest.deltas-0: offsets 0 to ",
                        "from decision " + from + " on",
                        accepted.tailMap(from).size() + " checkpoints",
                        "--from-retained");
        assertThat(dir.resolve("refused")).isEmptyDirectory();
    }

    @Test
    @Order(2)
    void askedItIsTheOfflineMergeOfExactlyWhatIsLeftAndNothingOfTheModelMoves() throws Exception {
        Map<String, Long> ends = broker.settled(model.topics());
        Map<String, Map<TopicPartition, OffsetAndMetadata>> offsets = broker.committed();

        JsonNode report = replay("out", "--from-retained", "--json").succeeded().json();

        assertThat(broker.ends(model.topics())).isEqualTo(ends);
        assertThat(broker.committed()).isEqualTo(offsets).isNotEmpty();
        int left = accepted.tailMap(from).size();
        assertThat(report.path("checkpoints").asInt()).isEqualTo(left).isEqualTo(6);
        assertThat(report.path("retained").path("fromSeq").asLong()).isEqualTo(from);
        long known = report.path("retained").path("knownSeq").asLong();
        assertThat(known).isBetween(3L, from - 1);
        assertThat(report.path("retained").path("leftOut").asInt())
                .isEqualTo(accepted.subMap(known, from).size());
        assertThat(report.path("retained").path("gone").asInt(-1))
                .as("counted by a keyframe")
                .isEqualTo(accepted.headMap(known).size())
                .isPositive();
        assertSameAsMerge("slow", left, "ema", "decay=0.99");
        assertSameAsMerge("mean", left / 2, "swa", "every=1");
        assertSameAsMerge("stock", left, "model-stock", "");
        for (JsonNode version : report.path("versions")) {
            assertThat(version.path("fromSeq").asLong()).isEqualTo(from);
            Path manifest = Path.of(version.path("path").asText()).resolve("manifest.json");
            JsonNode document = new ObjectMapper().readTree(manifest.toFile());
            assertThat(document.path("fromSeq").asLong()).isEqualTo(from);
            assertThat(document.path("ingredients").path(0).path("seq").asLong())
                    .isEqualTo(from);
        }
    }

    @Test
    @Order(3)
    void theReportSaysThatItIsNotOverTheWholeRun() throws Exception {
        String said = replay("said", "--from-retained").succeeded().out();

        assertThat(said)
                .contains("channel slow version ", " from decision " + from + ": ")
                .contains(
                        "not over the whole run: the log's beginning is gone; left out before decision " + from + ": ",
                        " (weights of baselines among them) that decisions 1 to ")
                .contains(" checkpoints from decision " + from + " up to decision " + accepted.lastKey() + ", ");
        Cli.Result senseless = up.weir("replay", "--model", "rest", "--verify", "--from-retained");
        assertThat(senseless.exit()).isEqualTo(2);
        assertThat(senseless.err()).contains("--from-retained", "allowed: with --plan");
    }

    private Publisher publisher(String run, Deltas deltas) {
        return Publisher.open(model.connection(), "rest", run, Weights.SMALL, Duration.ofMinutes(3), deltas);
    }

    private void publish(Publisher publisher, String run, int step, Weights weights) {
        files.put(run + " " + step, weights.write(dir.resolve(run + "-" + step)));
        assertThat(publisher.publish(step, weights.source())).isInstanceOf(Outcome.Accepted.class);
    }

    /** Deletes the first records of every partition, in each up to another checkpoint. */
    private void cut() throws Exception {
        Map<TopicPartition, RecordsToDelete> cuts = new HashMap<>();
        Set<Long> differences = new TreeSet<>();
        for (ConsumerRecord<byte[], byte[]> record :
                model.records(model.topics().deltas())) {
            TopicPartition partition = new TopicPartition(record.topic(), record.partition());
            switch (model.codec().read(record.value())) {
                case Chunk chunk
                when chunk.getRun().equals("full") && chunk.getStep() == CUT_STEP - record.partition() ->
                    cuts.putIfAbsent(partition, RecordsToDelete.beforeOffset(record.offset() + 1));
                case Chunk chunk
                when record.partition() == 0 && chunk.getEncoding() != Encoding.FULL.number() ->
                    differences.add(chunk.getStep());
                case Open open -> assertThat(cuts).as("every open goes").doesNotContainKey(partition);
                case Decision decision
                when record.partition() == 0 && decision.getVerdict() == Verdict.COMMIT -> {
                    accepted.put(decision.getSeq(), decision);
                    boolean first = decision.getRun().equals("full") && decision.getStep() == FIRST_WHOLE_STEP;
                    from = first ? decision.getSeq() : from;
                }
                case null, default -> {}
            }
        }
        assertThat(cuts).hasSize(4);
        assertThat(differences).containsExactly(2L, 3L, 5L, 6L, 8L, 9L);
        Broker.get(broker.admin().deleteRecords(cuts).all());
    }

    private void assertSameAsMerge(String channel, int version, String operator, String setting) throws Exception {
        Path merged = dir.resolve("merged-" + channel);
        List<String> words = new ArrayList<>(List.of("merge", "--operator", operator, "-o", merged.toString()));
        if (!setting.isEmpty()) {
            words.addAll(List.of("--set", setting));
        }
        accepted.tailMap(from)
                .values()
                .forEach(one ->
                        words.add(files.get(one.getRun() + " " + one.getStep()).toString()));
        Cli.here(words).succeeded();
        Path written = dir.resolve("out").resolve(channel).resolve("current");
        assertThat(written.toRealPath().getFileName()).hasToString("v%06d".formatted(version));
        assertThat(Files.mismatch(written.resolve("model.safetensors"), merged))
                .as(channel)
                .isEqualTo(-1);
    }

    private Cli.Result replay(String out, String... more) throws Exception {
        List<String> words = new ArrayList<>(List.of(
                "replay",
                "--model",
                "rest",
                "--plan",
                plan.toString(),
                "--out",
                dir.resolve(out).toString()));
        words.addAll(List.of(more));
        return up.weir(words.toArray(String[]::new));
    }
}
