package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.cli.Weir;
import dev.weir.clients.publish.Deltas;
import dev.weir.clients.publish.Outcome;
import dev.weir.clients.publish.Publisher;
import dev.weir.clients.subscribe.Subscriber;
import dev.weir.it.fixture.Cli;
import dev.weir.it.fixture.MergeCommand;
import dev.weir.it.fixture.Model;
import dev.weir.it.fixture.UpProcess;
import dev.weir.it.fixture.UpProcess.Ports;
import dev.weir.it.fixture.Weights;
import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.record.Verdict;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Merges beside the stream: what a job publishes is the offline merge of the snapshots, whatever comes first or dies. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class JobIT {

    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final String RAW = "{name: raw, operator: ema, settings: {decay: 0}}";
    private static final Layout NET = Layout.of(List.of(
            new TensorSpec("0.bias", Dtype.F32, List.of(8L)), new TensorSpec("0.weight", Dtype.F32, List.of(8L, 6L))));
    private static final Layout GRAM = Layout.of(List.of(new TensorSpec("0.weight", Dtype.F32, List.of(6L, 6L))));
    private static final String[] REGMEAN = {
        "--operator",
        "regmean",
        "--from",
        "net/raw@a,net/raw@b",
        "--side",
        "gram=grams/raw@a",
        "--side",
        "gram=grams/raw@b"
    };

    @TempDir
    private static Path dir;

    private final Map<String, Publisher> publishers = new HashMap<>();
    private UpProcess up;
    private Model net;
    private Model grams;
    private Model merged;

    @BeforeAll
    void start() throws Exception {
        up = UpProcess.start(dir.resolve("data"), Ports.free()).awaitReady();
        net = Model.apply(up, "net", RAW);
        grams = Model.apply(up, "grams", RAW);
        merged = Model.apply(up, "merged", RAW);
    }

    @AfterAll
    void stop() {
        publishers.values().forEach(Publisher::close);
        if (up != null) {
            up.close();
        }
    }

    @Test
    @Order(1)
    void whatIsPublishedIsTheOfflineMergeWhetherWeightsOrGramsComeFirst() throws Exception {
        Process job =
                Cli.startInBackground(command("first", REGMEAN), dir.resolve("first.out"), dir.resolve("first.err"));
        try {
            publish(net, "a", 10, random(1));
            publish(net, "b", 10, random(2));
            assertThat(versions("first")).as("without Gram matrices").isEmpty();
            publish(grams, "a", 10, gram(1));
            publish(grams, "b", 10, gram(2));
            UpProcess.await(LIMIT, () -> versions("first").size() == 1);
            publish(grams, "b", 20, gram(4));
            publish(grams, "a", 20, gram(3));
            publish(net, "b", 20, random(4));
            publish(net, "a", 20, random(3));
            UpProcess.await(LIMIT, () -> versions("first").size() == 2);
            assertThat(hasPulled("first")).isTrue();
            Cli.signal(job.pid(), "INT");
            assertThat(job.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(job.exitValue()).isZero();
            assertThat(dir.resolve("first.err")).content().doesNotContain("weir:");
            assertThat(hasPulled("first")).isFalse();
        } finally {
            job.destroyForcibly().waitFor();
        }
        for (Manifest version : versions("first")) {
            long step = version.getStep();
            Path offline = dir.resolve("offline-" + step);
            MergeCommand.run(
                    "regmean",
                    offline,
                    List.of(pulled(net, "a", step), pulled(net, "b", step)),
                    "--side",
                    "gram=" + pulled(grams, "a", step),
                    "--side",
                    "gram=" + pulled(grams, "b", step));
            assertThat(Files.mismatch(pulled(merged, "first", step), offline)).isEqualTo(-1);
        }
    }

    @Test
    @Order(2)
    void oneThatIsKilledGoesOnWithTheSameBytesAndNothingIsAcceptedTwice() throws Exception {
        Process pulling = start("killed", REGMEAN);
        UpProcess.await(LIMIT, () -> hasPulled("killed"));
        pulling.destroyForcibly().waitFor();
        Process publishing = start("killed", REGMEAN);
        UpProcess.await(LIMIT, () -> accepted("killed").contains(10L));
        publishing.destroyForcibly().waitFor();

        List<JsonNode> said = once("killed", 0, REGMEAN);
        assertThat(accepted("killed")).containsExactly(10L, 20L);
        assertThat(digests("killed")).isEqualTo(digests("first"));
        assertThat(said.getLast().path("failed").asInt()).isZero();
        assertThat(once("killed", 0, REGMEAN)).singleElement().satisfies(end -> {
            assertThat(end.path("published").asInt()).isZero();
            assertThat(end.path("next").asText()).isEqualTo("a checkpoint after step 20");
        });
    }

    @Test
    @Order(3)
    void theNewestVersionsOfOneRunAreInputsToo() throws Exception {
        String[] swamp = {"--operator", "swamp", "--set", "sparsity=0.5"};
        once("particles", 0, with(swamp, "--from", "net/raw@a", "--last", "2"));
        Path offline = dir.resolve("particles-offline");
        MergeCommand.run(
                "swamp", offline, List.of(pulled(net, "a", 10), pulled(net, "a", 20)), "--set", "sparsity=0.5");
        assertThat(versions("particles"))
                .singleElement()
                .satisfies(version -> assertThat(Files.mismatch(pulled(merged, "particles", 20), offline))
                        .isEqualTo(-1));
    }

    @Test
    @Order(4)
    void oneVersionMayStandInEveryRound() throws Exception {
        String base = "net/raw:" + version(net, "b", 10).getVersion();
        once("patched", 0, "--operator", "rws", "--from", base + ",net/raw@a," + base + ",net/raw@b");
        for (long step : new long[] {10, 20}) {
            Path first = pulled(net, "b", 10);
            Path offline = dir.resolve("patched-offline-" + step);
            MergeCommand.run("rws", offline, List.of(first, pulled(net, "a", step), first, pulled(net, "b", step)));
            assertThat(Files.mismatch(pulled(merged, "patched", step), offline)).isEqualTo(-1);
        }
    }

    @Test
    @Order(5)
    void whatCannotBeIsSaidAndCountedAndTheJobGoesOn() throws Exception {
        publish(net, "a", 30, random(5));
        for (long step : new long[] {40, 50}) {
            publish(net, "a", step, random(6));
            publish(net, "b", step, random(7));
            publish(grams, "a", step, gram(6));
        }
        publish(grams, "b", 40, gram(7).with(0, 0, -1e6f));
        publish(grams, "b", 50, gram(7));

        List<JsonNode> said = once("first", 1, REGMEAN);
        assertThat(said)
                .extracting(line -> line.path("outcome").asText())
                .containsExactly("skipped", "failed", "accepted", "");
        assertThat(said.get(0).path("reason").asText()).isEqualTo("net/raw@b has no version of step 30");
        assertThat(said.get(1).path("reason").asText()).contains("0.weight");
        assertThat(said.get(2).path("sides").path(1).path("channel").asText()).isEqualTo("raw");
        assertThat(said.get(3).path("skipped").asInt()).isEqualTo(1);
        assertThat(accepted("first")).containsExactly(10L, 20L, 50L);
    }

    @Test
    @Order(6)
    void itsRunSaysWhatItsModelsSayAlikeAndAModelOfAnotherAncestorFailsTheRound() throws Exception {
        describe("cars", Map.of("ancestor", "vit", "auxiliary", "cars", "target", "birds"));
        describe("dogs", Map.of("ancestor", "vit", "auxiliary", "dogs", "target", "birds"));
        describe("foreign", Map.of("ancestor", "resnet"));
        for (String run : List.of("cars", "dogs", "foreign")) {
            publish(net, run, 10, random(run.length()));
        }
        once("stew", 0, "--operator", "ratatouille", "--from", "net/raw@cars,net/raw@dogs");
        assertThat(version(merged, "stew", 10).getProvenance())
                .containsExactlyEntriesOf(Map.of("stew", Map.of("ancestor", "vit", "target", "birds")));
        List<JsonNode> said = once("mixed", 1, "--operator", "ratatouille", "--from", "net/raw@cars,net/raw@foreign");
        assertThat(said.getFirst().path("outcome").asText()).isEqualTo("failed");
        assertThat(said.getFirst().path("reason").asText())
                .contains("ancestor-differs")
                .contains("descends from resnet; allowed: vit");
        assertThat(accepted("mixed")).isEmpty();
    }

    /** Opens a run of the model net that says what it descends from. */
    private void describe(String run, Map<String, String> provenance) {
        publishers.put(
                "net" + run,
                Publisher.open(net.connection(), "net", run, NET, Duration.ofMinutes(3), Deltas.AUTO, provenance));
    }

    private static String[] with(String[] words, String... more) {
        return Stream.of(words, more).flatMap(Stream::of).toArray(String[]::new);
    }

    private List<String> command(String run, String... words) {
        return up.command(with(
                with(new String[] {"job", "--to", "merged", "--run", run, "--json"}, words),
                "--dir",
                dir.resolve("jobs").toString()));
    }

    private Process start(String run, String... words) throws IOException {
        return Cli.start(
                command(run, words), "-XX:TieredStopAtLevel=1", dir.resolve(run + ".out"), dir.resolve(run + ".err"));
    }

    /** What a job says, within this process, that does what is there. */
    private List<JsonNode> once(String run, int exit, String... words) throws Exception {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] args = command(run, with(words, "--once")).toArray(String[]::new);
        int code = Weir.commandLine(args)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(args);
        assertThat(code).as(out.toString() + err).isEqualTo(exit);
        List<JsonNode> said = new ArrayList<>();
        for (String line : (out.toString() + err).lines().toList()) {
            said.add(new ObjectMapper().readTree(line));
        }
        return said;
    }

    private boolean hasPulled(String run) {
        try (Stream<Path> files =
                Files.list(dir.resolve("jobs").resolve("merged").resolve(run))) {
            return files.anyMatch(file -> file.toString().endsWith(".safetensors"));
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Steps of the run that were accepted, as often as they were. */
    private List<Long> accepted(String run) {
        return merged.decisions().stream()
                .filter(decision -> decision.getRun().equals(run) && decision.getVerdict() == Verdict.COMMIT)
                .map(decision -> decision.getStep())
                .toList();
    }

    private List<Manifest> versions(String run) {
        return merged.manifests("raw").stream()
                .filter(manifest -> manifest.getRun().equals(run))
                .toList();
    }

    private List<String> digests(String run) {
        return versions(run).stream()
                .map(version -> version.getDigest().toString())
                .toList();
    }

    private static Manifest version(Model model, String run, long step) {
        return model.manifests("raw").stream()
                .filter(manifest -> manifest.getRun().equals(run) && manifest.getStep() == step)
                .findFirst()
                .orElseThrow();
    }

    private static Path pulled(Model model, String run, long step) {
        try (Subscriber subscriber = Subscriber.open(model.connection(), model.name())) {
            return subscriber
                    .pull(version(model, run, step), dir.resolve("pulled-" + model.name()))
                    .resolve("model.safetensors");
        }
    }

    private void publish(Model model, String run, long step, Weights weights) {
        Publisher publisher = publishers.computeIfAbsent(model.name() + run, first -> model.publisher(run, weights));
        assertThat(publisher.publish(step, weights.source())).isInstanceOf(Outcome.Accepted.class);
    }

    private static Weights random(long seed) {
        return Weights.random(NET, seed);
    }

    /** X^T X of twenty random examples. */
    private static Weights gram(long seed) {
        Layout examples = Layout.of(List.of(new TensorSpec("x", Dtype.F32, List.of(20L, 6L))));
        float[] x = Weights.random(examples, seed).tensors().getFirst();
        float[] gram = new float[36];
        for (int i = 0; i < 6; i++) {
            for (int j = 0; j < 6; j++) {
                for (int n = 0; n < 20; n++) {
                    gram[6 * i + j] += x[6 * n + i] * x[6 * n + j];
                }
            }
        }
        return new Weights(GRAM, List.of(gram));
    }
}
