package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.clients.ClientException;
import dev.weir.clients.feedback.FeedbackReader;
import dev.weir.clients.publish.Outcome;
import dev.weir.clients.publish.Publisher;
import dev.weir.it.fixture.Cli;
import dev.weir.it.fixture.Model;
import dev.weir.it.fixture.UpProcess;
import dev.weir.it.fixture.UpProcess.Ports;
import dev.weir.it.fixture.Weights;
import dev.weir.schemas.record.Feedback;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Averages that go back to trainers, over the wire. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class FeedbackIT {

    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final String SEMA =
            "{name: sema, operator: switch-ema, settings: {decay: 0.75}, feedback-steps: 20}";

    @TempDir
    private static Path dir;

    private UpProcess up;
    /** Of several runs, where nothing depends on there being one. */
    private Model shared;

    @BeforeAll
    void start() throws Exception {
        up = UpProcess.start(dir.resolve("data"), Ports.free()).awaitReady();
        shared = Model.apply(up, "shared", SEMA);
    }

    @AfterAll
    void stop() {
        if (shared != null) {
            shared.close();
        }
        if (up != null) {
            up.close();
        }
    }

    @Test
    void rightAfterASwitchTheWeightsAreTheAverageBitForBitAndWithoutTrainingItStays() throws Exception {
        try (Model model = Model.apply(up, "switch", SEMA);
                Publisher publisher = model.publisher("r", random(1));
                FeedbackReader feedback = reader(model, publisher)) {
            publisher.publish(10, random(1).source());
            assertThat(feedback.apply(10, file -> {})).isEmpty();
            publisher.publish(20, random(2).source());
            List<Weights> taken = new ArrayList<>();
            Feedback given = feedback.apply(20, file -> taken.add(Weights.read(file.path())))
                    .orElseThrow();
            assertThat(given.getVersion()).isEqualTo(2);
            Weights theta = taken.getFirst();
            assertThat(theta.digest())
                    .isEqualTo(model.digests("sema").get(1))
                    .isNotEqualTo(random(2).digest());
            publisher.publish(30, theta.source());
            assertThat(model.digests("sema").get(2)).isEqualTo(theta.digest());
            assertThat(feedback.stale()).isZero();
        }
    }

    @Test
    void aTrainerThatCouldNotTakeItOverGetsItWhenItAsksAgain() throws Exception {
        Path absent = dir.resolve("no folder").resolve("next.safetensors");
        try (Publisher publisher = shared.publisher("asks-again", random(1));
                FeedbackReader feedback = reader(shared, "asks-again", publisher)) {
            publisher.publish(20, random(1).source());
            assertThatThrownBy(() -> feedback.take(20, absent))
                    .isInstanceOf(ClientException.class)
                    .hasMessageContaining(absent.getParent().toString());

            assertThat(feedback.apply(20, file -> {})).isPresent();
            assertThat(feedback.apply(20, file -> {})).isEmpty();
            assertThat(feedback.stale()).isZero();
        }
    }

    @Test
    void aTrainerThatHasGoneOnDropsWhatComesLateAndCountsIt() throws Exception {
        try (Publisher publisher = shared.publisher("late", random(1));
                FeedbackReader feedback = reader(shared, "late", publisher)) {
            publisher.publish(20, random(1).source());
            publisher.publish(30, random(2).source());
            assertThat(feedback.apply(30, file -> {
                        throw new AssertionError("applied " + file.path());
                    }))
                    .isEmpty();
            assertThat(feedback.stale()).isEqualTo(1);
            publisher.publish(40, random(3).source());
            assertThat(feedback.apply(40, file -> {})).isPresent();
        }
    }

    /** The plan changes the rules for tensors when a chunk is in the log already. */
    @Test
    void aTrainerWhoseCheckpointIsSentAgainInTheNextEpochGetsWhatComesBackToThat() throws Exception {
        AtomicBoolean planned = new AtomicBoolean();
        try (Publisher publisher = shared.publisher("sent-again", random(1));
                FeedbackReader feedback = reader(shared, "sent-again", publisher)) {
            Outcome outcome = publisher.publish(20, chunk -> {
                if (chunk.index() == 1 && !planned.getAndSet(true)) {
                    change(SEMA + "\ntensors: [{pattern: none, policy: freeze}]");
                }
                return random(2).chunk(chunk);
            });
            assertThat(outcome).isInstanceOf(Outcome.Accepted.class);
            assertThat(shared.decisions())
                    .filteredOn(decision -> decision.getRun().equals("sent-again"))
                    .extracting(decision -> decision.getEpoch() + " " + decision.getVerdict())
                    .containsExactly("1 REJECT", "2 COMMIT");
            assertThat(feedback.apply(20, file -> {})).isPresent();
        }
    }

    private void change(String channels) {
        try {
            Thread.sleep(200);
            Model.apply(up, shared.name(), channels).close();
        } catch (Exception failed) {
            throw new AssertionError(failed);
        }
    }

    @Test
    void aTrainerThatIsStartedAgainAtTheSameStepFindsItsSwitchAndTheVerbDoes() throws Exception {
        Path checkpoint = random(1).write(dir.resolve("checkpoint"));
        Path next = dir.resolve("next.safetensors");
        try (Model model = Model.apply(up, "again", SEMA)) {
            try (Publisher first = model.publisher("r", random(1))) {
                first.publish(20, random(1).source());
            }
            String[] words = {
                "publish",
                "--model",
                "again",
                "--run",
                "r",
                "--step",
                "20",
                "--feedback",
                next.toString(),
                "--json",
                checkpoint.toString()
            };
            JsonNode said = up.weir(words).succeeded().json();
            assertThat(said.path("outcome").asText()).isEqualTo("duplicate");
            assertThat(said.path("feedback").path("version").asLong()).isEqualTo(1);
            assertThat(Weights.read(next).digest())
                    .isEqualTo(model.digests("sema").get(0));
            assertThat(model.read(model.topics().feedback(), Feedback.class)).hasSize(1);
            String none = up.weir(
                            "publish",
                            "--model",
                            "again",
                            "--run",
                            "r",
                            "--step",
                            "25",
                            "--feedback",
                            next.toString(),
                            checkpoint.toString())
                    .succeeded()
                    .out();
            assertThat(none).contains("run r goes on from its own weights");
        }
    }

    @Test
    void afterAnEpochOfAswaTheTrainerGoesOnFromTheMeanAndTheMeanBeginsAgain() throws Exception {
        String channel = "{name: aswa, operator: aswa, settings: {epoch-steps: 20}, feedback-steps: 20}";
        try (Model model = Model.apply(up, "epochs", channel);
                Publisher publisher = model.publisher("r", random(1));
                FeedbackReader feedback = reader(model, publisher)) {
            publisher.publish(10, random(1).source());
            publisher.publish(20, random(2).source());
            Weights mean = taken(feedback, 20);
            assertThat(mean.digest()).isEqualTo(merged("aswa", "epoch-steps=20", random(1), random(2)));
            publisher.publish(30, mean.source());
            assertThat(model.digests("aswa").getLast()).isEqualTo(mean.digest());
        }
    }

    @Test
    void afterEveryStepOfCottaTheStudentGoesOnPartlyRestored() throws Exception {
        String channel = "{name: restore, operator: cotta-restore, settings: {probability: 0.25}, feedback-steps: 1}";
        try (Model model = Model.apply(up, "restored", channel);
                Publisher publisher = model.publisher("merge", random(1));
                FeedbackReader feedback =
                        FeedbackReader.open(model.connection(), "restored", "merge", publisher::epoch, LIMIT)) {
            publisher.publish(1, random(1).source());
            assertThat(taken(feedback, 1).digest())
                    .as("the source itself")
                    .isEqualTo(random(1).digest());
            publisher.publish(2, random(2).source());
            assertThat(taken(feedback, 2).digest())
                    .isEqualTo(merged("cotta-restore", "probability=0.25", random(1), random(2)));
        }
    }

    @Test
    void aTrainerGoesOnFromTheSparseSoupWhoseZerosItKeepsAndNothingComesOfAModelWithOthers() throws Exception {
        Weights mask = random(9).with(0, 1, -1);
        Weights first = random(1).masked(mask);
        Weights second = random(2).masked(mask);
        String channel = "{name: sparse, operator: sparse-soup, feedback-steps: 10}";
        try (Model model = Model.apply(up, "sparse", channel);
                Publisher publisher = model.publisher("r", first);
                FeedbackReader feedback = reader(model, publisher)) {
            publisher.publish(10, first.source());
            publisher.publish(20, second.source());
            Weights soup = taken(feedback, 20);
            assertThat(soup.digest()).isEqualTo(merged("sparse-soup", "weights=1", first, second));
            assertThat(soup.tensors().getFirst()[1]).isZero();
            publisher.publish(30, random(3).source());
            assertThat(model.digests("sparse")).hasSize(2);
            assertThat(up.application("sparse", "coordinate")
                            .path("counters")
                            .path("mask-differs")
                            .asInt())
                    .isEqualTo(1);
            publisher.publish(40, soup.source());
            assertThat(model.digests("sparse")).hasSize(3);
        }
    }

    @Test
    void theRunThatEndsARoundOfFusingGoesOnFromTheNextBase() throws Exception {
        String channel = "{name: base, operator: fusing, settings: {models: 2}, feedback-steps: 20}";
        try (Model model = Model.apply(up, "rounds", channel);
                Publisher publisher = model.publisher("r", random(1));
                FeedbackReader feedback = reader(model, publisher)) {
            publisher.publish(10, random(1).source());
            publisher.publish(20, random(2).source());
            Weights base = taken(feedback, 20);
            assertThat(base.digest()).isEqualTo(merged("fusing", "share=1", random(1), random(2)));
            publisher.publish(30, base.source());
            publisher.publish(40, base.source());
            assertThat(taken(feedback, 40).digest())
                    .as("a round of the base alone")
                    .isEqualTo(base.digest());
        }
    }

    @Test
    void aCentreComesWithTheDistanceOfEveryTensorAcrossAKill() throws Exception {
        String channel = "{name: centre, operator: weight-centre, settings: {distances: true}, feedback-steps: 10}";
        Path checkpoint = random(3).write(dir.resolve("third"));
        try (Model model = Model.apply(up, "centred", channel)) {
            try (Publisher publisher = model.publisher("r", random(1));
                    FeedbackReader feedback = reader(model, publisher)) {
                publisher.publish(10, random(1).source());
                publisher.publish(20, random(2).source());
                Feedback second = feedback.apply(20, file -> {}).orElseThrow();
                assertDistances(second.getDistances(), random(1), random(2));
            }
            up.child("merge", "centred").destroyForcibly();
            up.child("coordinate", "centred").destroyForcibly();
            JsonNode third = up.weir(
                            "publish",
                            "--model",
                            "centred",
                            "--run",
                            "r",
                            "--step",
                            "30",
                            "--feedback",
                            dir.resolve("centre").toString(),
                            "--json",
                            checkpoint.toString())
                    .succeeded()
                    .json();
            Map<String, Double> distances = new HashMap<>();
            third.path("feedback")
                    .path("distances")
                    .properties()
                    .forEach(one -> distances.put(one.getKey(), one.getValue().asDouble()));
            assertDistances(distances, random(1), random(2), random(3));
            JsonNode replay = up.here("replay", "--model", "centred", "--verify", "--json")
                    .succeeded()
                    .json();
            assertThat(replay.path("equal").asInt()).isEqualTo(3);
        }
    }

    /** Of the last one's tensors from the mean of all, computed here in f64. */
    private static void assertDistances(Map<String, Double> said, Weights... all) {
        Weights last = all[all.length - 1];
        assertThat(said).hasSize(last.tensors().size());
        for (int tensor = 0; tensor < last.tensors().size(); tensor++) {
            double square = 0;
            for (int i = 0; i < last.tensors().get(tensor).length; i++) {
                double centre = 0;
                for (Weights one : all) {
                    centre += one.tensors().get(tensor)[i];
                }
                square += Math.pow(last.tensors().get(tensor)[i] - centre / all.length, 2);
            }
            double direct = Math.sqrt(square);
            assertThat(said.get(last.layout().tensors().get(tensor).name())).isCloseTo(direct, within(1e-12 * direct));
        }
    }

    private static Weights taken(FeedbackReader feedback, long step) {
        List<Weights> taken = new ArrayList<>();
        assertThat(feedback.apply(step, file -> taken.add(Weights.read(file.path()))))
                .isPresent();
        return taken.getFirst();
    }

    /** Digest of the offline merge of two checkpoints, of steps 1 and 2. */
    private static String merged(String operator, String setting, Weights first, Weights second) throws Exception {
        Path folder = Files.createTempDirectory(dir, operator);
        Path out = folder.resolve("out");
        Cli.here(List.of(
                        "merge",
                        "--operator",
                        operator,
                        "--set",
                        setting,
                        "-o",
                        out.toString(),
                        first.write(folder.resolve("1")).toString(),
                        second.write(folder.resolve("2")).toString()))
                .succeeded();
        return Weights.read(out).digest();
    }

    @Test
    void theDemosTrainersRunSwitchEma() throws Exception {
        Path file = dir.resolve("demo.json");
        Cli.run(List.of(
                        "demo",
                        "--headless",
                        "--checkpoints",
                        "8",
                        "--switch-steps",
                        "20",
                        "--report",
                        file.toString()))
                .succeeded();
        JsonNode report = new ObjectMapper().readTree(Files.readString(file));
        Map<Long, String> averages = new HashMap<>();
        for (JsonNode version : report.path("versions")) {
            if (version.path("channel").asText().equals("ema-0.9")) {
                averages.put(
                        version.path("version").asLong(), version.path("digest").asText());
            }
        }
        List<String> switches = new ArrayList<>();
        for (JsonNode one : report.path("switches")) {
            switches.add(one.path("run").asText() + " " + one.path("step").asLong());
            assertThat(one.path("digest").asText())
                    .isEqualTo(averages.get(one.path("version").asLong()));
        }
        assertThat(switches).containsExactly("trainer-a 20", "trainer-b 20", "trainer-a 40", "trainer-b 40");
    }

    private static FeedbackReader reader(Model model, Publisher publisher) {
        return reader(model, "r", publisher);
    }

    private static FeedbackReader reader(Model model, String run, Publisher publisher) {
        return FeedbackReader.open(model.connection(), model.name(), run, publisher::epoch, LIMIT);
    }

    private static Weights random(long seed) {
        return Weights.random(Weights.SMALL, seed);
    }
}
