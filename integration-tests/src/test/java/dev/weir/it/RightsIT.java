package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.clients.Connection;
import dev.weir.clients.feedback.FeedbackReader;
import dev.weir.it.fixture.Broker;
import dev.weir.it.fixture.Cli;
import dev.weir.it.fixture.GuardedBroker;
import dev.weir.it.fixture.RightsPage;
import dev.weir.it.fixture.UpProcess;
import dev.weir.it.fixture.UpProcess.Ports;
import dev.weir.it.fixture.Weights;
import dev.weir.schemas.topic.TopicSpec;
import dev.weir.schemas.topic.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.AuthorizationException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code docs/rights.md} says is enough: a broker that refuses everything else, and a user for each row of the page with what
 * the row says.
 */
final class RightsIT {
    private static final Path ROOT = Path.of(System.getProperty("weir.root", ".."));
    private static final int PARTITIONS = 2;
    private static final Topics TOPICS = new Topics("m");
    private static final String PLAN = """
            model: m
            channels:
              - {name: ema, operator: ema, settings: {decay: 0.5}, feedback-steps: 10}
              - {name: mix, operator: bcwi, settings: {from: ema}}
            gate: {channels: [mix], max-nfr: 0.4, confidence: 0.95, min-accuracy: 0.6}
            """;

    @TempDir
    private static Path dir;

    private static UpProcess up;
    private static GuardedBroker broker;
    private static int step = 20;
    private static final Map<String, Process> APPLICATIONS = new HashMap<>();

    @BeforeAll
    static void start() throws Exception {
        List<String> all =
                TOPICS.catalogue(PARTITIONS).stream().map(TopicSpec::name).toList();
        RightsPage page = RightsPage.read(ROOT.resolve("docs/rights.md"), "m", "run-1", all);
        assertThat(page.users())
                .contains("merge", "coordinate", "compatibility", "publish", "pull", "topics-apply")
                .hasSize(14);
        up = UpProcess.start(dir.resolve("up"), Ports.free()).awaitReady();
        broker = GuardedBroker.start(Files.createDirectories(dir.resolve("broker")), page.users());
        broker.grant(page.all());
    }

    @AfterAll
    static void stop() {
        APPLICATIONS.values().forEach(Process::destroyForcibly);
        broker.close();
        up.close();
    }

    @Test
    void everyRoleAndEveryClientGetsOnWithItsRowAndNobodyWithAnothers() throws Exception {
        as("topics-apply", "topics apply --model m --partitions " + PARTITIONS);
        aSettingThatDiffersIsAltered();
        as("topics-verify", "topics verify --model m");
        for (String role : List.of("merge", "coordinate", "compatibility")) {
            run(role, "");
        }
        for (String role : APPLICATIONS.keySet()) {
            awaitReady(role);
        }
        Path plan = Files.writeString(dir.resolve("plan.yaml"), PLAN);
        as("plan-apply", "plan apply " + plan);
        assertThat(as("plan-get", "plan get --model m").out()).contains("bcwi");

        publish(10);
        feedback(10);
        as("pull", "pull --model m --channel ema --out " + dir.resolve("pulled"));
        evaluate("ema", 1);
        as("promote", "promote --model m --channel ema --version 1");
        publish(20);
        evaluate("mix", 1);
        as("pull", "pull --model m --promoted --out " + dir.resolve("promoted"));
        as("promote", "promote --model m --channel ema --version 2");
        as("promote", "rollback --model m --reason complaints");
        for (String what : List.of("--channel ema --version 2", "--promotions", "--standings", "--dead-letters")) {
            as("inspect", "inspect --model m " + what);
        }
        as("inspect", "inspect --model m --channel mix --version 1 --flips");
        as("replay", "replay --model m --verify");

        aKilledInstanceIsSucceededAndTheLogIsCut();
        hangingTransactionsCanBeLookedForAndEnded();
        othersAreRefused();
        for (String role : APPLICATIONS.keySet()) {
            assertThat(Cli.said(dir.resolve(role + ".err"))).as(role).isEmpty();
        }
    }

    private static void aSettingThatDiffersIsAltered() throws Exception {
        ConfigResource runs = new ConfigResource(ConfigResource.Type.TOPIC, TOPICS.runs());
        AlterConfigOp set = new AlterConfigOp(new ConfigEntry("cleanup.policy", "delete"), AlterConfigOp.OpType.SET);
        try (Admin admin = broker.admin("topics-apply")) {
            admin.incrementalAlterConfigs(Map.of(runs, List.of(set))).all().get(30, TimeUnit.SECONDS);
        }
        assertThat(Cli.here(words("topics-apply", "topics apply --model m")).err())
                .contains("topic m.runs: cleanup.policy delete; allowed: compact", "--alter");
        assertThat(as("topics-apply", "topics apply --model m --alter").out())
                .contains("altered: topic m.runs: cleanup.policy from delete to compact");
    }

    /** Its successor ends what it left open; nothing of the log is kept that no keyframe needs. */
    private static void aKilledInstanceIsSucceededAndTheLogIsCut() throws Exception {
        APPLICATIONS.get("merge").destroyForcibly().waitFor();
        run("merge", "deltas-retention-ms: 0\nkeyframe-decisions: 1\n");
        awaitReady("merge");
        UpProcess.await(Duration.ofSeconds(60), () -> {
            try {
                publish(step += 10);
                return status("merge").path("deltasKeptFrom").toString().matches(".*[1-9].*");
            } catch (Exception failed) {
                throw new AssertionError(failed);
            }
        });
    }

    private static void hangingTransactionsCanBeLookedForAndEnded() throws Exception {
        JsonNode looks = status("coordinate").path("orphanedTransactions");
        assertThat(looks.path("fencing").asText("none")).isEmpty();
        assertThat(looks.path("repair").asText("none")).isEmpty();
        TopicPartition partition = new TopicPartition(TOPICS.merged(), 0);
        // Nobody has such a transaction: ending it changes nothing, where one may.
        AbortTransactionSpec none = new AbortTransactionSpec(partition, 77, (short) 0, 0);
        try (Admin coordinate = broker.admin("coordinate");
                Admin merge = broker.admin("merge")) {
            Broker.get(coordinate.describeProducers(List.of(partition)).all());
            Broker.get(coordinate.abortTransaction(none).all());
            assertThatThrownBy(() -> Broker.get(merge.abortTransaction(none).all()))
                    .hasCauseInstanceOf(AuthorizationException.class);
        }
    }

    private static void othersAreRefused() throws Exception {
        Cli.Result refused = Cli.here(words("pull", "publish --model m --run run-1 --step 1000 " + weights(1000)));
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.err().lines())
                .singleElement()
                .asString()
                .contains("Not authorized to access topics: [m.runs]", "docs/rights.md");
        assertThat(Cli.here(words("publish", "publish --model m --run run-2 --step 10 " + weights(10)))
                        .exit())
                .as("a trainer's right is for its own run")
                .isEqualTo(1);
        assertThat(Cli.here(words("pull", "promote --model m --channel ema --version 1"))
                        .exit())
                .isEqualTo(1);
    }

    private static void publish(int step) throws Exception {
        as("publish", "publish --model m --run run-1 --step " + step + " --input loss=0.5 " + weights(step));
    }

    private static Path weights(int step) {
        return Weights.random(Weights.SMALL, step).write(dir.resolve("step-" + step + ".safetensors"));
    }

    private static void feedback(int step) throws Exception {
        Connection connection = new Connection(
                broker.bootstrap(), up.registry(), GuardedBroker.settings("FeedbackReader"), Duration.ofSeconds(15));
        try (FeedbackReader feedback =
                FeedbackReader.open(connection, "m", "run-1", () -> 1, Duration.ofSeconds(60), dir)) {
            assertThat(feedback.apply(step, file -> {})).isPresent();
        }
    }

    private static void evaluate(String channel, int version) throws Exception {
        Path predictions = Files.writeString(dir.resolve("predictions.csv"), "id,label,prediction\n1,1,1\n2,0,0\n");
        as(
                "evaluate",
                "evaluate --model m --channel " + channel + " --version " + version + " --value accuracy=0.9 "
                        + predictions);
    }

    private static Cli.Result as(String user, String line) throws Exception {
        Cli.Result result = Cli.here(words(user, line)).succeeded();
        assertThat(result.err().lines().filter(said -> !said.startsWith("weir: topic m.")))
                .as(line)
                .isEmpty();
        return result;
    }

    private static List<String> words(String user, String line) throws IOException {
        String settings = GuardedBroker.settings(user).entrySet().stream()
                .map(setting -> setting.getKey() + "=" + setting.getValue() + "\n")
                .collect(Collectors.joining());
        Path file = Files.writeString(dir.resolve(user + ".properties"), settings);
        List<String> words = new ArrayList<>(List.of(line.split(" ")));
        words.addAll(List.of("--bootstrap", broker.bootstrap(), "--registry", up.registry()));
        words.addAll(List.of("--client-config", file.toString()));
        return words;
    }

    private static void run(String role, String more) throws Exception {
        StringBuilder file = new StringBuilder("model: m\nrole: " + role + "\nbootstrap: " + broker.bootstrap()
                + "\nregistry: " + up.registry() + "\ninstance-id: " + role + "-1\ndata: " + dir.resolve(role) + "\n"
                + more + "client:\n");
        GuardedBroker.settings(role)
                .forEach((key, value) -> file.append("  ")
                        .append(key)
                        .append(": '")
                        .append(value)
                        .append("'\n"));
        Path config = Files.writeString(dir.resolve(role + ".yaml"), file);
        Process process = Cli.start(
                List.of("run", "--config", config.toString()), dir.resolve(role + ".out"), dir.resolve(role + ".err"));
        APPLICATIONS.put(role, process);
    }

    private static void awaitReady(String role) throws Exception {
        Process process = APPLICATIONS.get(role);
        Path out = dir.resolve(role + ".out");
        UpProcess.await(Duration.ofSeconds(90), () -> content(out).contains("ready ") || !process.isAlive());
        assertThat(process.isAlive())
                .as(() -> content(dir.resolve(role + ".err")))
                .isTrue();
    }

    private static JsonNode status(String role) throws Exception {
        String http = content(dir.resolve(role + ".out")).strip().replace("ready http=", "");
        return Cli.here(List.of("status", "--json", "--http", http)).succeeded().json();
    }

    private static String content(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
