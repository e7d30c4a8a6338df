package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.clients.evaluate.PredictionRow;
import dev.weir.it.fixture.Broker;
import dev.weir.it.fixture.Candidates;
import dev.weir.it.fixture.Cli;
import dev.weir.it.fixture.Mnist;
import dev.weir.it.fixture.Model;
import dev.weir.it.fixture.Trajectory;
import dev.weir.it.fixture.UpProcess;
import dev.weir.it.fixture.UpProcess.Ports;
import dev.weir.it.fixture.Weights;
import dev.weir.schemas.record.Compatibility;
import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.record.ModelKey;
import dev.weir.schemas.record.Predictions;
import dev.weir.schemas.record.Promotion;
import dev.weir.schemas.record.PromotionVerdict;
import dev.weir.schemas.record.Subject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A data update on real digits, over the wire: every number as it was measured when the models were trained. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CompatibilityIT {

    private static final String RAW = "{name: raw, operator: ema, settings: {decay: 0}}";
    private static final int RUNGS = 21;
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final List<String> ROLES = List.of("merge", "coordinate", "compatibility");
    private static final Map<String, String> QUICK =
            Map.of("WEIR_SESSION_TIMEOUT_MS", "4000", "WEIR_TRANSACTION_TIMEOUT_MS", "5000");

    @TempDir
    private static Path dir;

    private Weights old;
    private Weights fresh;
    private JsonNode measured;
    private Mnist digits;
    private UpProcess up;

    @BeforeAll
    void start() throws Exception {
        old = Trajectory.update("old");
        fresh = Trajectory.update("run0");
        measured = Trajectory.results().path("B").path("bcwi_run0");
        digits = Mnist.evaluation();
        up = UpProcess.start(dir.resolve("data"), Ports.free(), QUICK).awaitReady();
    }

    @AfterAll
    void stop() {
        if (up != null) {
            up.close();
        }
    }

    @Test
    void aFlipBudgetOf15Finds60PercentAlthoughEveryApplicationIsKilledInTheMiddle() throws Exception {
        try (Model model = Model.apply(up, "budget", RAW, bcwi("flip-budget: 15"));
                Candidates candidates = new Candidates(up, model, digits, dir.resolve("budget"))) {
            candidates.publish("old", old);
            candidates.versions("raw", 1);
            candidates.promote("raw", 1);
            candidates.publish("run0", fresh);
            List<Manifest> rungs = candidates.versions("bcwi", RUNGS);
            assertThat(rungs).extracting(CompatibilityIT::newWeight).containsExactlyElementsOf(grid());
            for (Manifest rung : rungs) {
                if (rung.getVersion() == 8) {
                    candidates.evaluate("raw", 1);
                }
                if (rung.getVersion() == 12) {
                    killAll(model);
                }
                if (rung.getVersion() == 5) {
                    candidates.evaluateByVerb("bcwi", 5);
                } else {
                    candidates.evaluate("bcwi", rung.getVersion());
                }
            }
            Promotion selected = only(candidates.await(PromotionVerdict.SELECTED));
            assertThat(selected.getSubject()).isEqualTo(new Subject("bcwi", 13L));
            assertThat(newWeight(rungs.get(12))).isEqualTo(0.6);
            assertThat(selected.getReason()).isEqualTo("new-weight 0.6 has 15 negative flips");
            assertThat(candidates.verdicts()).extracting(Promotion::getNumber).containsExactly(1L, 2L);
            for (Manifest rung : rungs) {
                asMeasured(newWeight(rung), candidates.comparison("bcwi", rung.getVersion(), true));
            }
            replayed(model, 2 + RUNGS);

            // As a week later, when the decision that pinned the baseline is gone.
            TopicPartition decisions = new TopicPartition(model.topics().decisions(), 0);
            try (Broker broker = Broker.of(up)) {
                Broker.get(broker.admin()
                        .deleteRecords(Map.of(decisions, RecordsToDelete.beforeOffset(-1)))
                        .all());
            }
            Path plan = dir.resolve("plan.yaml");
            Files.writeString(plan, "model: budget\nchannels: [" + RAW + ", " + bcwi("flip-budget: 15") + "]\n");
            up.here("plan", "apply", plan.toString(), "--timeout", "5s").succeeded();
        }
    }

    @Test
    void keepingTheAccuracyFinds75PercentAndTheGatePromotesIt() throws Exception {
        try (Model model = Model.apply(
                        up,
                        "keep",
                        RAW,
                        bcwi("keep-accuracy: true")
                                + "\ngate: {channels: [raw, bcwi], max-nfr: 0.015, confidence: 0.95, min-accuracy: 0.93}");
                Candidates candidates = new Candidates(up, model, digits, dir.resolve("keep"))) {
            candidates.publish("old", old);
            candidates.versions("raw", 1);
            candidates.promote("raw", 1);
            Path served = dir.resolve("served");
            Process follower = follow(model, served);
            try {
                await(served, candidates.pulled("raw", 1));
                candidates.evaluate("raw", 1);
                candidates.publish("run0", fresh);
                candidates.versions("bcwi", RUNGS);
                candidates.evaluate("raw", 2);
                assertThat(only(candidates.await(PromotionVerdict.HELD)).getSubject())
                        .isEqualTo(new Subject("raw", 2L));
                for (long version = RUNGS; version > 0; version--) {
                    candidates.evaluate("bcwi", version);
                }
                Promotion selected = only(candidates.await(PromotionVerdict.SELECTED));
                assertThat(selected.getReason()).startsWith("new-weight 0.75 ");
                await(served, candidates.pulled("bcwi", selected.getSubject().getVersion()));
                Promotion promoted = candidates.await(PromotionVerdict.PROMOTED).get(1);
                assertThat(promoted.getSubject()).isEqualTo(selected.getSubject());
                assertThat(promoted.getBaseline()).isEqualTo(new Subject("raw", 1L));
                assertThat(promoted.getWho()).isEqualTo("gate");
                standings(candidates, promoted.getSubject());
                withoutAnEndNothingIsPromoted(model, candidates);
                up.weir("rollback", "--model", "keep", "--reason", "fails at night")
                        .succeeded();
                await(served, candidates.pulled("raw", 1));
            } finally {
                follower.destroy();
            }
            assertThat(candidates.verdicts())
                    .extracting(verdict -> verdict.getNumber() + " " + verdict.getVerdict())
                    .containsExactly("1 PROMOTED", "2 HELD", "3 SELECTED", "4 PROMOTED", "5 ROLLED_BACK");
            replayed(model, 3 + 2 * RUNGS);
        }
    }

    /** What `inspect --standings` says, against the predictions themselves. */
    private void standings(Candidates candidates, Subject inService) throws Exception {
        JsonNode found = up.weir("inspect", "--model", "keep", "--standings", "--json")
                .succeeded()
                .json();
        List<Subject> subjects = List.of(inService, new Subject("bcwi", (long) RUNGS), new Subject("raw", 2L));
        assertThat(found.path("baseline").path("version").asLong()).isEqualTo(inService.getVersion());
        assertThat(found.path("examples").asInt()).isEqualTo(digits.size());
        List<List<PredictionRow>> rows = subjects.stream()
                .map(subject -> candidates.predict(subject.getChannel(), subject.getVersion()))
                .toList();
        for (int i = 0; i < subjects.size(); i++) {
            JsonNode one = found.path("subjects").path(i);
            assertThat(one.path("channel").asText() + one.path("version").asLong())
                    .isEqualTo(subjects.get(i).getChannel() + subjects.get(i).getVersion());
            for (int j = 0; j < subjects.size(); j++) {
                int row = i;
                int column = j;
                assertThat(one.path("wins").path(j).asLong())
                        .isEqualTo(IntStream.range(0, digits.size())
                                .filter(digit -> right(rows.get(row).get(digit))
                                        && !right(rows.get(column).get(digit)))
                                .count());
            }
            assertThat(one.path("calibrated").asInt()).isEqualTo(digits.size());
            assertThat(one.path("calibrationError").asDouble()).isBetween(0.0, 0.1);
            assertThat(one.path("scaledLoss").asDouble()).isBetween(0.0, 0.5);
        }
    }

    private static boolean right(PredictionRow row) {
        return row.label().orElseThrow() == row.prediction();
    }

    /** Predictions of every digit, all of them right, but nothing that says that these are all. */
    private void withoutAnEndNothingIsPromoted(Model model, Candidates candidates) throws Exception {
        candidates.publish("run1", Trajectory.update("run1"));
        candidates.versions("raw", 3);
        List<PredictionRow> rows = candidates.predict("raw", 3);
        List<Integer> labels =
                rows.stream().map(row -> row.label().orElseThrow()).toList();
        Predictions predictions = new Predictions(
                1,
                new Subject("raw", 3L),
                "hasty",
                rows.stream().map(PredictionRow::id).toList(),
                labels,
                labels,
                List.of(),
                List.of(),
                0);
        byte[] key = model.codec().write(new ModelKey(1, model.name()));
        try (var producer = model.connection().producer(Map.of(), Map.of())) {
            producer.send(new ProducerRecord<>(
                            model.topics().predictions(), 0, key, model.codec().write(predictions)))
                    .get();
        }
        Compatibility compared = candidates.comparison("raw", 3, false);
        assertThat(compared.getComplete()).isFalse();
        assertThat(compared.getExamples()).isEqualTo(digits.size());
        assertThat(compared.getNegative()).isZero();
        assertThat(candidates.verdicts())
                .noneMatch(verdict -> verdict.getSubject().equals(new Subject("raw", 3L)));
        candidates.versions("bcwi", 2 * RUNGS);
    }

    /** {@code kill -9} of all three applications, until others have taken their places. */
    private void killAll(Model model) throws Exception {
        Map<String, Long> killed = new TreeMap<>();
        for (String role : ROLES) {
            ProcessHandle child = up.child(role, model.name());
            killed.put(role, child.pid());
            child.destroyForcibly();
        }
        for (String role : ROLES) {
            UpProcess.await(LIMIT, () -> {
                try {
                    return up.child(role, model.name()).pid() != killed.get(role);
                } catch (Exception gone) {
                    return false;
                }
            });
            UpProcess.await(LIMIT, () -> {
                try {
                    return up.application(model.name(), role)
                            .path("state")
                            .asText()
                            .equals("running");
                } catch (Exception notYet) {
                    return false;
                }
            });
            assertThat(up.stderr()).contains("weir: " + role + " of " + model.name() + ": died (exit code 137)");
        }
    }

    private void asMeasured(double newWeight, Compatibility found) {
        JsonNode row = measured.get((int) Math.round(newWeight * (RUNGS - 1)));
        assertThat(row.get(0).asDouble()).isEqualTo(newWeight);
        assertThat(found.getBaseline()).isEqualTo(new Subject("raw", 1L));
        assertThat(found.getExamples()).isEqualTo(digits.size());
        double accuracy = (double) (found.getBothRight() + found.getPositive()) / found.getExamples();
        assertThat(accuracy)
                .as("accuracy at %s", newWeight)
                .isEqualTo(row.get(1).asDouble());
        assertThat(found.getNegative())
                .as("negative at %s", newWeight)
                .isEqualTo(row.get(3).asLong());
        assertThat(found.getPositive())
                .as("positive at %s", newWeight)
                .isEqualTo(row.get(4).asLong());
        assertThat(found.getMissing() + found.getUnknown() + found.getConflicts())
                .isZero();
    }

    private void replayed(Model model, int snapshots) throws Exception {
        JsonNode replay = up.here("replay", "--model", model.name(), "--verify", "--json")
                .succeeded()
                .json();
        assertThat(replay.path("snapshots").asInt()).isEqualTo(snapshots);
        assertThat(replay.path("equal").asInt()).isEqualTo(snapshots);
    }

    private Process follow(Model model, Path served) throws Exception {
        return Cli.start(
                up.command("pull", "--model", model.name(), "--promoted", "--follow", "--out", served.toString()),
                dir.resolve("follow.out"),
                dir.resolve("follow.err"));
    }

    private static void await(Path served, Path expected) throws Exception {
        Path current = served.resolve("current").resolve("model.safetensors");
        UpProcess.await(LIMIT, () -> {
            try {
                return Files.exists(current) && Files.mismatch(current, expected) == -1;
            } catch (java.io.IOException switching) {
                return false;
            }
        });
    }

    private static Promotion only(List<Promotion> promotions) {
        assertThat(promotions).hasSize(1);
        return promotions.get(0);
    }

    private static String bcwi(String rule) {
        return "{name: bcwi, operator: bcwi, settings: {from: raw, " + rule + "}}";
    }

    private static double newWeight(Manifest manifest) {
        return Double.parseDouble(manifest.getSettings().get("new-weight"));
    }

    private static List<Double> grid() {
        return LongStream.range(0, RUNGS).mapToObj(i -> i * 5 / 100.0).toList();
    }
}
