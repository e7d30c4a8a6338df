package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.clients.publish.Outcome;
import dev.weir.clients.publish.Publisher;
import dev.weir.clients.publish.WeightSource;
import dev.weir.it.fixture.Cli;
import dev.weir.it.fixture.Model;
import dev.weir.it.fixture.RawTrainer;
import dev.weir.it.fixture.UpProcess;
import dev.weir.it.fixture.UpProcess.Ports;
import dev.weir.it.fixture.Weights;
import dev.weir.schemas.record.Chunk;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.tensor.Companions;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Fishers and Hessians in the stream, kept in the log until they are needed: what comes out is the offline merge. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CompanionsIT {

    private static final int CHECKPOINTS = 7;
    /** Of these steps one comes without a Fisher, one with a bad one. */
    private static final int WITHOUT = 2;

    private static final int BAD = 3;
    private static final String FISHER = "{name: fisher, operator: fisher}";
    private static final String MATCHED = "{name: matched, operator: gradient-matching, settings: {scale: 0.5}}";

    @TempDir
    private static Path dir;

    private final List<Weights> checkpoints = new ArrayList<>();
    private final List<Weights> fishers = new ArrayList<>();
    private final List<Path> files = new ArrayList<>();
    private final List<Path> fisherFiles = new ArrayList<>();
    private UpProcess up;

    @BeforeAll
    void start() throws Exception {
        for (int i = 0; i < CHECKPOINTS; i++) {
            checkpoints.add(Weights.random(Weights.SMALL, i));
            files.add(checkpoints.get(i).write(dir.resolve("step-" + i)));
            fishers.add(Weights.random(Weights.SMALL, 100 + i).squared());
            fisherFiles.add(fishers.get(i).write(dir.resolve("fisher-" + i)));
        }
        // Whatever waits stays in the log.
        Map<String, String> small = Map.of("WEIR_KEYFRAME_DECISIONS", "2", "WEIR_STAGING_BYTES", "0");
        up = UpProcess.start(dir.resolve("data"), Ports.free(), small).awaitReady();
    }

    @AfterAll
    void stop() {
        if (up != null) {
            up.close();
        }
    }

    @Test
    void streamOfflineMergeAndReplaysAgreeAcrossAKillAMissingFisherAndABadOne() throws Exception {
        try (Model model = Model.apply(up, "companions", FISHER, MATCHED, Model.ema(0.9))) {
            try (Publisher publisher = model.publisher("r", checkpoints.getFirst())) {
                for (int i = 0; i < 4; i++) {
                    Weights fisher = i == BAD ? fishers.get(i).with(1, 250_000, Float.NaN) : fishers.get(i);
                    Outcome outcome = publisher.publish(i, checkpoints.get(i).source(), Map.of(), beside(i, fisher));
                    if (i == BAD) {
                        assertThat(((Outcome.Rejected) outcome).reason())
                                .isEqualTo("companion: companion 1 of tensor embed chunk 2 element 250000 is NaN;"
                                        + " allowed: finite numbers from 0");
                    } else {
                        assertThat(outcome).isInstanceOf(Outcome.Accepted.class);
                    }
                }
            }
            up.child("merge", "companions").destroyForcibly();
            for (int i = 4; i < CHECKPOINTS; i++) {
                publish(i).succeeded();
            }
            List<Integer> all = IntStream.range(0, CHECKPOINTS)
                    .filter(i -> i != BAD)
                    .boxed()
                    .toList();
            List<Integer> with = all.stream().filter(i -> i != WITHOUT).toList();
            assertThat(merged(model, "fisher", with, "fisher", "fisher")).isEqualTo(-1);
            assertThat(merged(model, "matched", all, "gradient-matching", "hessian", "scale=0.5"))
                    .isEqualTo(-1);
            assertThat(merged(model, "ema-0.9", all, "ema", "", "decay=0.9")).isEqualTo(-1);

            Decision missing = accepted(model).get(WITHOUT);
            assertThat(missing.getCompanions()).containsExactly("hessian");
            assertThat(missing.getPassedBy())
                    .containsExactlyEntriesOf(
                            Map.of("fisher", "companion-missing: fisher did not come with the checkpoint"));
            assertThat(model.manifests("fisher")).hasSize(with.size());
            JsonNode replay = up.here("replay", "--model", "companions", "--verify", "--json")
                    .succeeded()
                    .json();
            assertThat(replay.path("snapshots").asInt()).isEqualTo(with.size() + 2 * all.size());
            assertThat(replay.path("equal").asInt()).isEqualTo(with.size() + 2 * all.size());
            assertThat(otherPlan(with)).isEqualTo(-1);
        }
    }

    @Test
    void theOrderOfChunksInTheLogChangesNoDigest() throws Exception {
        List<String> expected;
        try (Model model = Model.apply(up, "in-order", FISHER, MATCHED);
                Publisher publisher = model.publisher("r", checkpoints.getFirst())) {
            for (int i = 0; i < 2; i++) {
                publisher.publish(i, checkpoints.get(i).source(), Map.of(), beside(i, fishers.get(i)));
            }
            expected = digests(model);
        }
        try (Model model = Model.apply(up, "shuffled", FISHER, MATCHED);
                RawTrainer trainer = RawTrainer.of(model, "r", 1, Weights.SMALL)) {
            trainer.open();
            for (int i = 0; i < 2; i++) {
                List<Chunk> chunks = new ArrayList<>();
                for (int number = 0; number < Weights.SMALL.chunkCount(); number++) {
                    chunks.add(trainer.chunk(i, number, checkpoints.get(i)));
                    for (int companion = 1; companion <= 2; companion++) {
                        ByteBuffer bytes = fishers.get(i).chunk(Weights.SMALL.chunk(number));
                        int own = Companions.number(Weights.SMALL, companion, number);
                        chunks.add(trainer.chunk(i, own, bytes));
                    }
                }
                Collections.shuffle(chunks, new Random(i));
                for (Chunk chunk : chunks) {
                    trainer.send(chunk);
                }
                trainer.ends(i, checkpoints.get(i), chunks, List.of("fisher", "hessian"));
            }
            UpProcess.await(Duration.ofSeconds(60), () -> digests(model).size() == 4);
            assertThat(digests(model)).isEqualTo(expected);
        }
    }

    private static Map<String, WeightSource> beside(int step, Weights fisher) {
        return step == WITHOUT
                ? Map.of("hessian", fisher.source())
                : Map.of("fisher", fisher.source(), "hessian", fisher.source());
    }

    private Cli.Result publish(int step) throws Exception {
        return up.weir(
                "publish",
                "--model",
                "companions",
                "--run",
                "s",
                "--step",
                "" + step,
                "--side",
                "fisher=" + fisherFiles.get(step),
                "--side",
                "hessian=" + fisherFiles.get(step),
                files.get(step).toString());
    }

    /** Where the newest version differs from the offline merge of these steps; -1: nowhere. */
    private long merged(
            Model model, String channel, List<Integer> steps, String operator, String side, String... settings)
            throws Exception {
        Path merged = merge(steps, operator, side, settings);
        return Files.mismatch(model.pull(channel, dir.resolve("pulled-" + channel)), merged);
    }

    private Path merge(List<Integer> steps, String operator, String side, String... settings) throws Exception {
        Path merged = dir.resolve("merged-" + operator);
        List<String> words = new ArrayList<>(List.of("merge", "--operator", operator, "-o", merged.toString()));
        for (String setting : settings) {
            words.addAll(List.of("--set", setting));
        }
        for (int step : side.isEmpty() ? List.<Integer>of() : steps) {
            words.addAll(List.of("--side", side + "=" + fisherFiles.get(step)));
        }
        steps.forEach(step -> words.add(files.get(step).toString()));
        Cli.here(words).succeeded();
        return merged;
    }

    /** As above, of a plan that is folded from the log afterwards. */
    private long otherPlan(List<Integer> steps) throws Exception {
        Path plan = Files.writeString(
                dir.resolve("other.yaml"),
                "model: companions\nchannels:\n  - {name: scaled, operator: fisher, settings: {normalise: mean, floor: 0}}\n");
        Path out = dir.resolve("others");
        up.here("replay", "--model", "companions", "--plan", plan.toString(), "--out", out.toString())
                .succeeded();
        Path merged = merge(steps, "fisher", "fisher", "normalise=mean", "floor=0");
        Path scaled = out.resolve("scaled").resolve("current").resolve("model.safetensors");
        return Files.mismatch(scaled, merged);
    }

    private static List<String> digests(Model model) {
        List<String> digests = new ArrayList<>(model.digests("fisher"));
        digests.addAll(model.digests("matched"));
        return digests;
    }

    private static List<Decision> accepted(Model model) {
        return model.decisions().stream()
                .filter(decision -> decision.getReason().isEmpty())
                .toList();
    }
}
