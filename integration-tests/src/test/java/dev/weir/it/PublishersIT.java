package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.weir.cli.watch.WatchPublisher;
import dev.weir.clients.publish.Deltas;
import dev.weir.clients.publish.Outcome;
import dev.weir.clients.publish.Publisher;
import dev.weir.clients.publish.RunLog;
import dev.weir.clients.publish.WeightSource;
import dev.weir.it.fixture.Cli;
import dev.weir.it.fixture.Model;
import dev.weir.it.fixture.RawTrainer;
import dev.weir.it.fixture.Reference;
import dev.weir.it.fixture.UpProcess;
import dev.weir.it.fixture.UpProcess.Ports;
import dev.weir.it.fixture.Weights;
import dev.weir.schemas.delta.Choice;
import dev.weir.schemas.delta.Encoding;
import dev.weir.schemas.record.Chunk;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.Ingredient;
import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.record.Run;
import dev.weir.schemas.record.Verdict;
import dev.weir.schemas.safetensors.SafetensorsException;
import dev.weir.schemas.safetensors.SafetensorsFile;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Publishers in processes of their own, several at once. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PublishersIT {

    private static final int RUNS = 4;
    /** More than merge tasks keep a base for. */
    private static final int BASE_DECISIONS = 260;

    private static final int STEPS = 4;
    /** Takes long to send, and yet fits a publisher's buffer, so that no send waits for room. */
    private static final int LARGE = 14_000_000;

    @TempDir
    private static Path dir;

    private UpProcess up;
    /** For tests that look at their own run alone. */
    private Model shared;

    @BeforeAll
    void start() throws Exception {
        up = UpProcess.start(dir.resolve("data"), Ports.free()).awaitReady();
        shared = Model.apply(up, "shared", Model.ema(0.9));
    }

    @AfterAll
    void stop() {
        shared.close();
        up.close();
    }

    @Test
    void aThirdCheckpointWaitsUntilOneOfTheFirstTwoIsDecided() throws Exception {
        Weights weights = Weights.random(Weights.SMALL, 1);
        try (Publisher publisher = shared.publisher("credits", weights);
                ExecutorService sender = Executors.newSingleThreadExecutor()) {
            publisher.publish(1, weights.source());
            long merge = up.child("merge", shared.name()).pid();
            Cli.signal(merge, "STOP");
            publisher.send(2, weights.source());
            publisher.send(3, weights.source());
            Future<?> third = sender.submit(() -> publisher.send(4, weights.source()));
            assertThatThrownBy(() -> third.get(2, TimeUnit.SECONDS)).isInstanceOf(TimeoutException.class);
            Cli.signal(merge, "CONT");
            third.get(60, TimeUnit.SECONDS);
            for (long step = 2; step <= 4; step++) {
                assertThat(publisher.await(step)).isInstanceOf(Outcome.Accepted.class);
            }
        }
    }

    /** After so many decisions without one of the run, nobody can decode its differences; all of them are refusals here. */
    @Test
    void aCheckpointWhoseBaseIsGoneIsSentAgainInFullAndAgainIfThatFails() throws Exception {
        Weights weights = Weights.random(Weights.SMALL, 1);
        Deltas fast = new Deltas(Choice.FAST, 16);
        try (Publisher publisher = Publisher.open(
                        shared.connection(), shared.name(), "bases", weights.layout(), Duration.ofMinutes(2), fast);
                RawTrainer idle = RawTrainer.of(shared, "refused", 1, weights.layout())) {
            publisher.publish(1, weights.source());
            assertThat(publisher.publish(2, weights.source())).isInstanceOf(Outcome.Accepted.class);
            idle.open();
            idle.emptyEnds(BASE_DECISIONS);
            UpProcess.await(
                    Duration.ofMinutes(3),
                    () -> shared.decisions().stream()
                                    .filter(decision -> decision.getRun().equals("refused"))
                                    .count()
                            == BASE_DECISIONS);
            AtomicInteger begun = new AtomicInteger();
            WeightSource once = chunk -> {
                if (chunk.index() == 0 && begun.incrementAndGet() == 2) {
                    throw new IllegalStateException("read once");
                }
                return weights.chunk(chunk);
            };
            assertThatThrownBy(() -> publisher.publish(3, once)).hasMessage("read once");
            assertThat(RunLog.decidedStep(shared.connection(), shared.name(), "bases"))
                    .as("who is started again now sends step 3")
                    .isEqualTo(2);
            assertThat(publisher.publish(3, weights.source())).isInstanceOf(Outcome.Accepted.class);
            assertThat(publisher.epoch()).isEqualTo(2);
            assertThat(shared.decisions())
                    .filteredOn(decision -> decision.getRun().equals("bases"))
                    .extracting(Decision::getEpoch, Decision::getStep, Decision::getVerdict)
                    .containsExactly(
                            tuple(1L, 1L, Verdict.COMMIT),
                            tuple(1L, 2L, Verdict.COMMIT),
                            tuple(1L, 3L, Verdict.REJECT),
                            tuple(2L, 3L, Verdict.COMMIT));
            assertThat(publisher.publish(4, weights.source())).isInstanceOf(Outcome.Accepted.class);
        }
    }

    /** The second one differs little from the first, so that its difference is worth sending. */
    @Test
    void aDirectoryIsPublishedAsATrainerWritesItAndOnlyOnce() throws Exception {
        Weights first = Weights.random(Weights.SMALL, 1);
        Weights second = first.with(1, 7, 0.25f);
        Weights fourth = Weights.random(Weights.SMALL, 4);
        Path trainer = Files.createDirectory(dir.resolve("trainer"));
        Path out = dir.resolve("watch.out");
        Path err = dir.resolve("watch.err");
        // Left to itself it takes what the rate of the link makes fastest, which may be full chunks.
        String[] watch = {
            "publish",
            "--model",
            "watched",
            "--run",
            "run-1",
            "--encoding",
            "fast",
            "--json",
            "--watch",
            trainer.toString()
        };
        try (Model model = Model.apply(up, "watched", Model.ema(0.9))) {
            first.write(trainer.resolve("step-0001.safetensors"));
            Process watcher = Cli.start(up.command(watch), out, err);
            try {
                awaitLines(out, 1);
                rename(second, trainer.resolve("step-0002.safetensors"));
                awaitLines(out, 2);
                rename(second.with(1, 3, Float.NaN), trainer.resolve("step-0003.safetensors"));
                awaitLines(out, 3);
                long broker = up.child("broker").pid();
                Cli.signal(broker, "STOP");
                fourth.write(
                        Files.createDirectory(trainer.resolve("checkpoint-4")).resolve("model.safetensors"));
                UpProcess.await(Duration.ofMinutes(2), () -> text(err).contains("; waiting for it"));
                Cli.signal(broker, "CONT");
                awaitLines(out, 4);
                Cli.signal(watcher.pid(), "INT");
                assertThat(watcher.waitFor(60, TimeUnit.SECONDS)).isTrue();
                assertThat(watcher.exitValue()).isZero();
            } finally {
                watcher.destroyForcibly();
            }
            assertThat(Files.readString(err)).hasLineCount(1);
            List<String> lines = Files.readAllLines(out);
            assertThat(lines.get(0)).contains("\"step\":1,", "step-0001.safetensors", "accepted");
            assertThat(lines.get(1)).contains("\"step\":2,", "accepted");
            assertThat(lines.get(2)).contains("\"step\":3,", "rejected", "non-finite:", "\"next\":\"publish a ");
            assertThat(lines.get(3)).contains("\"step\":4,", "checkpoint-4");
            assertThat(encodings(model, "run-1", 1)).containsOnly(Encoding.FULL.number());
            assertThat(encodings(model, "run-1", 2)).doesNotContain(Encoding.FULL.number());

            List<String> again = new ArrayList<>(List.of(watch));
            again.add("--once");
            Cli.Result nothing = up.weir(again.toArray(String[]::new)).succeeded();
            assertThat(nothing.out()).isEmpty();
            assertThat(nothing.err()).contains("4 checkpoints are passed over", "step 4 is decided");
            assertThat(model.digests("ema-0.9"))
                    .isEqualTo(Reference.ema(0.9).addAll(List.of(first, second, fourth)).stream()
                            .map(Weights::digest)
                            .toList());
        }
    }

    /** A part of it may be in the log under the first epoch, and would be taken for the same step with other bytes. */
    @Test
    void aFileThatIsCutWhileItIsReadIsPublishedInAnotherEpochWhenItIsThereAgain() throws Exception {
        Path file = Weights.random(Weights.SMALL, 1).write(dir.resolve("cut"));
        byte[] whole = Files.readAllBytes(file);
        try (WatchPublisher watch = new WatchPublisher(
                shared.connection(), shared.name(), "cut", Duration.ofMinutes(2), Deltas.AUTO, Map.of())) {
            try (SafetensorsFile open = SafetensorsFile.open(file)) {
                Files.write(file, Arrays.copyOf(whole, whole.length / 2));
                assertThatThrownBy(() -> watch.publish(1, open)).isInstanceOf(SafetensorsException.class);
            }
            Files.write(file, whole);
            try (SafetensorsFile again = SafetensorsFile.open(file)) {
                assertThat(watch.publish(1, again)).isInstanceOf(Outcome.Accepted.class);
            }
        }
        assertThat(shared.decisions())
                .filteredOn(decision -> decision.getRun().equals("cut") && decision.getVerdict() == Verdict.COMMIT)
                .extracting(Decision::getEpoch)
                .containsExactly(2L);
    }

    /** Nobody awaits them; the decision is in the log when the next one is sent. */
    @Test
    void whatIsSentWithoutAwaitingItTravelsAsADifference() throws Exception {
        Weights weights = Weights.random(Weights.SMALL, 1);
        Deltas fast = new Deltas(Choice.FAST, 16);
        try (Publisher publisher = Publisher.open(
                shared.connection(), shared.name(), "unawaited", weights.layout(), Duration.ofMinutes(2), fast)) {
            for (long step = 1; step <= 3; step++) {
                long sent = step;
                publisher.send(step, weights.source());
                UpProcess.await(
                        Duration.ofMinutes(2),
                        () -> shared.decisions().stream()
                                .anyMatch(one -> one.getRun().equals("unawaited") && one.getStep() == sent));
            }
        }
        assertThat(encodings(shared, "unawaited", 1)).containsOnly(Encoding.FULL.number());
        assertThat(encodings(shared, "unawaited", 3)).doesNotContain(Encoding.FULL.number());
    }

    /** The source waits until what was sent before is visible, which an open transaction would never become. */
    @Test
    void aSourceMayTakeLongerThanATransaction() throws Exception {
        Weights weights = Weights.random(Weights.SMALL, 1);
        try (Publisher publisher = shared.publisher("slow", weights)) {
            Outcome outcome = publisher.publish(1, chunk -> {
                if (chunk.index() == 1) {
                    awaitChunk("slow");
                }
                return weights.chunk(chunk);
            });
            assertThat(outcome).isInstanceOf(Outcome.Accepted.class);
        }
    }

    @Test
    void theProgramInTheDocumentationRuns() throws Exception {
        String page = Files.readString(Path.of(System.getProperty("weir.root", ".."), "docs", "publishing.md"));
        String program = page.split("```java\n", 2)[1].split("```", 2)[0];
        Path source = Files.writeString(dir.resolve("Trainer.java"), program);
        String classes = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Path out = dir.resolve("trainer.out");
        try (Model model = Model.apply(up, "documented", Model.ema(0.9))) {
            Process trainer = new ProcessBuilder(
                            java.toString(),
                            "-cp",
                            classes,
                            source.toString(),
                            up.bootstrap(),
                            up.registry(),
                            model.name())
                    .redirectErrorStream(true)
                    .redirectOutput(out.toFile())
                    .start();
            try {
                assertThat(trainer.waitFor(3, TimeUnit.MINUTES)).isTrue();
            } finally {
                trainer.destroyForcibly();
            }
            assertThat(text(out)).contains("step 1: Accepted", "step 2: Accepted", "step 3: Accepted");
            assertThat(model.digests("ema-0.9")).hasSize(3);
        }
    }

    private void awaitChunk(String run) {
        try {
            UpProcess.await(
                    Duration.ofMinutes(2), () -> !encodings(shared, run, 1).isEmpty());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void rename(Weights weights, Path file) throws Exception {
        Files.move(weights.write(file.resolveSibling(file.getFileName() + ".tmp")), file);
    }

    private static void awaitLines(Path out, int count) throws InterruptedException {
        UpProcess.await(Duration.ofMinutes(2), () -> text(out).lines().count() >= count);
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Integer> encodings(Model model, String run, long step) {
        return model.read(model.topics().deltas(), Chunk.class).stream()
                .filter(chunk -> chunk.getRun().equals(run) && chunk.getStep() == step)
                .map(Chunk::getEncoding)
                .toList();
    }

    @Test
    void fourRunsAtOnceGiveTheAverageInTheOrderOfTheDecisions() throws Exception {
        Map<String, Weights> weights = new TreeMap<>();
        for (int run = 0; run < RUNS; run++) {
            for (int step = 1; step <= STEPS; step++) {
                weights.put("run-" + run + " " + step, Weights.random(Weights.SMALL, 100L * run + step));
            }
        }
        try (Model model = Model.apply(up, "many", Model.ema(0.9));
                ExecutorService threads = Executors.newFixedThreadPool(RUNS)) {
            List<Future<Void>> runs = new ArrayList<>();
            for (int i = 0; i < RUNS; i++) {
                String run = "run-" + i;
                runs.add(threads.submit(() -> publish(model, run, weights)));
            }
            for (Future<Void> run : runs) {
                run.get();
            }
            List<Decision> decisions = model.decisions();
            assertThat(decisions).hasSize(RUNS * STEPS).allMatch(decision -> decision.getVerdict() == Verdict.COMMIT);
            assertThat(decisions)
                    .extracting(decision -> decision.getRun() + " " + decision.getStep())
                    .containsExactlyInAnyOrderElementsOf(weights.keySet());

            List<Manifest> manifests = model.manifests("ema-0.9");
            List<Ingredient> lineage = manifests.getLast().getIngredients();
            assertThat(lineage).extracting(Ingredient::getSeq).isSorted();
            List<String> expected = Reference.ema(0.9)
                    .addAll(lineage.stream()
                            .map(one -> weights.get(one.getRun() + " " + one.getStep()))
                            .toList())
                    .stream()
                    .map(Weights::digest)
                    .toList();
            assertThat(model.digests("ema-0.9")).isEqualTo(expected);
        }
    }

    private static Void publish(Model model, String run, Map<String, Weights> weights) throws Exception {
        List<String> words =
                new ArrayList<>(List.of("publish", "--model", model.name(), "--run", run, "--step", "1,2,3,4"));
        for (int step = 1; step <= STEPS; step++) {
            Path file = dir.resolve(run + "-" + step + ".safetensors");
            weights.get(run + " " + step).write(file);
            words.add(file.toString());
        }
        model.up().weir(words.toArray(String[]::new)).succeeded();
        return null;
    }

    /** The older one is stopped in the middle of a checkpoint, while the newer one publishes. */
    @Test
    void theOlderOfTwoPublishersOfARunIsFenced() throws Exception {
        Layout large = Layout.of(List.of(new TensorSpec("large", Dtype.F32, List.of((long) LARGE))));
        Path file = new Weights(large, List.of(new float[LARGE])).write(dir.resolve("large.safetensors"));
        Path small = Weights.random(Weights.SMALL, 1).write(dir.resolve("small.safetensors"));
        Path err = dir.resolve("older.err");
        try (Model model = Model.apply(up, "fence", Model.ema(0.9))) {
            List<String> words =
                    up.command("publish", "--model", "fence", "--run", "run-1", "--step", "1", file.toString());
            Process older = Cli.start(words, dir.resolve("older.out"), err);
            try {
                awaitEpoch(model, 1);
                Cli.signal(older.pid(), "STOP");
                assertThat(model.publish("run-1", 2, small).succeeded().out()).contains("accepted");
                Cli.signal(older.pid(), "CONT");
                assertThat(older.waitFor(60, TimeUnit.SECONDS)).isTrue();
                assertThat(older.exitValue()).isEqualTo(1);
                assertThat(Files.readString(err)).contains("fenced").hasLineCount(1);
            } finally {
                older.destroyForcibly();
            }
            assertThat(model.digests("ema-0.9")).hasSize(1);
        }
    }

    /** Returns as soon as the epoch is written, committed or not. */
    private static void awaitEpoch(Model model, long epoch) {
        try (Consumer<byte[], byte[]> consumer = model.connection().consumer("read_uncommitted", Map.of())) {
            TopicPartition runs = new TopicPartition(model.topics().runs(), 0);
            consumer.assign(List.of(runs));
            consumer.seekToBeginning(List.of(runs));
            long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
            boolean found = false;
            while (!found && System.nanoTime() < deadline) {
                for (var next : consumer.poll(Duration.ofMillis(50))) {
                    found |= model.codec().read(next.value(), Run.class).getEpoch() == epoch;
                }
            }
            assertThat(found).isTrue();
        }
    }
}
