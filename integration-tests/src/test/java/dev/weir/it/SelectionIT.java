package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.clients.publish.Outcome;
import dev.weir.clients.publish.Publisher;
import dev.weir.it.fixture.Cli;
import dev.weir.it.fixture.Model;
import dev.weir.it.fixture.UpProcess;
import dev.weir.it.fixture.UpProcess.Ports;
import dev.weir.it.fixture.Weights;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.Manifest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Channels that choose among checkpoints by their weights: what enters, and what it gives, is as in the offline merge. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SelectionIT {

    private static final int CHECKPOINTS = 8;
    /** This one has other zeros than the others. */
    private static final int OTHER_MASK = 3;

    private static final String NEAR = "{name: near, operator: naswa, settings: {distance: max, tensors: 'e*'}}";
    private static final String SPARSE = "{name: sparse, operator: sparse-soup}";
    private static final String ROUNDS = "{name: rounds, operator: fusing, settings: {share: 0.5, models: 3}}";

    @TempDir
    private static Path dir;

    private final List<Weights> checkpoints = new ArrayList<>();
    private final List<Path> files = new ArrayList<>();
    private UpProcess up;

    @BeforeAll
    void start() throws Exception {
        Weights mask = Weights.random(Weights.SMALL, 1_000);
        for (int i = 0; i < CHECKPOINTS; i++) {
            Weights zeros =
                    i == OTHER_MASK ? mask.with(1, 280_000, -mask.tensors().get(1)[280_000]) : mask;
            checkpoints.add(Weights.random(Weights.SMALL, i).masked(zeros));
            files.add(checkpoints.get(i).write(dir.resolve("step-" + i)));
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
    void streamOfflineMergeAndReplaysLetTheSameOnesInAndAgreeAcrossAKill() throws Exception {
        try (Model model = Model.apply(up, "selected", NEAR, SPARSE, ROUNDS, Model.ema(0.9))) {
            publish(model, 0, 5);
            up.child("merge", "selected").destroyForcibly();
            publish(model, 5, CHECKPOINTS);

            List<Integer> all = IntStream.range(0, CHECKPOINTS).boxed().toList();
            List<Integer> sameMask = all.stream().filter(i -> i != OTHER_MASK).toList();
            JsonNode near = merge("near", all, "naswa", "distance=max", "tensors=e*");
            merge("sparse", sameMask, "sparse-soup");
            // The base and two rounds; the eighth waits for the third round's end.
            merge("rounds", all.subList(0, 7), "fusing", "share=0.5", "models=3");
            merge("ema-0.9", all, "ema", "decay=0.9");
            for (String channel : List.of("near", "sparse", "rounds", "ema-0.9")) {
                Path pulled = model.pull(channel, dir.resolve("pulled-" + channel));
                assertThat(Files.mismatch(pulled, dir.resolve("merged-" + channel)))
                        .as(channel)
                        .isEqualTo(-1);
            }

            Map<String, String> tooNear = passedBy(model, "near");
            assertThat(tooNear).as("some pass by, some enter").hasSizeBetween(1, CHECKPOINTS - 2);
            Map<String, String> offline = new TreeMap<>();
            near.path("passedBy")
                    .forEach(one -> offline.put(
                            Path.of(one.path("input").asText()).getFileName().toString(),
                            one.path("reason").asText()));
            assertThat(tooNear).isEqualTo(offline);
            assertThat(near.path("entered").asInt()).isEqualTo(CHECKPOINTS - tooNear.size());
            assertThat(passedBy(model, "sparse"))
                    .containsExactlyEntriesOf(Map.of(
                            "step-" + OTHER_MASK,
                            "mask-differs: tensor embed has 1 zeros more or fewer than the first model's, 1 in all"
                                    + " tensors; allowed: the same zeros in every model"));
            JsonNode counters = up.application("selected", "coordinate").path("counters");
            assertThat(counters.path("mask-differs").asInt()).isEqualTo(1);
            assertThat(counters.path("too-near").asInt()).isEqualTo(tooNear.size());
            assertThat(counters.path("accepted").asInt()).isEqualTo(CHECKPOINTS);

            assertThat(model.manifests("rounds")).extracting(Manifest::getStep).containsExactly(0L, 3L, 6L);
            int versions = CHECKPOINTS - tooNear.size() + sameMask.size() + 3 + CHECKPOINTS;
            JsonNode replay = up.here("replay", "--model", "selected", "--verify", "--json")
                    .succeeded()
                    .json();
            assertThat(replay.path("snapshots").asInt()).isEqualTo(versions);
            assertThat(replay.path("equal").asInt()).isEqualTo(versions);
            otherPlan(all, sameMask);
        }
    }

    /** Another plan's channels choose anew. */
    private void otherPlan(List<Integer> all, List<Integer> sameMask) throws Exception {
        Path plan = Files.writeString(dir.resolve("other.yaml"), """
                model: selected
                channels:
                  - {name: other-near, operator: naswa, settings: {epoch-steps: 3}}
                  - {name: other-sparse, operator: sparse-soup, settings: {weights: '1,2'}}
                  - {name: other-rounds, operator: fusing, settings: {models: 4}}
                """);
        Path out = dir.resolve("others");
        JsonNode report = up.here(
                        "replay", "--model", "selected", "--plan", plan.toString(), "--out", out.toString(), "--json")
                .succeeded()
                .json();
        assertThat(report.path("versions")).hasSize(3);
        merge("other-near", all, "naswa", "epoch-steps=3");
        merge("other-sparse", sameMask, "sparse-soup", "weights=1,2");
        merge("other-rounds", all, "fusing", "models=4");
        for (String channel : List.of("other-near", "other-sparse", "other-rounds")) {
            Path written = out.resolve(channel).resolve("current").resolve("model.safetensors");
            assertThat(Files.mismatch(written, dir.resolve("merged-" + channel)))
                    .as(channel)
                    .isEqualTo(-1);
        }
    }

    @Test
    void aFileWithOtherZerosIsRefusedByNameWhereFilesAreMerged() throws Exception {
        Path out = dir.resolve("refused");
        Cli.Result refused = Cli.run(List.of(
                "merge",
                "--operator",
                "sparse-soup",
                "-o",
                out.toString(),
                files.get(0).toString(),
                files.get(OTHER_MASK).toString()));
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.err())
                .contains(files.get(OTHER_MASK) + ": mask-differs: tensor embed has 1 zeros more or fewer");
        assertThat(out).doesNotExist();
    }

    private void publish(Model model, int from, int to) throws Exception {
        try (Publisher publisher = model.publisher("merge", checkpoints.getFirst())) {
            for (int i = from; i < to; i++) {
                assertThat(publisher.publish(i, checkpoints.get(i).source())).isInstanceOf(Outcome.Accepted.class);
            }
        }
    }

    /** Why checkpoints passed a channel by, by their files' names. */
    private static Map<String, String> passedBy(Model model, String channel) {
        Map<String, String> reasons = new TreeMap<>();
        for (Decision decision : model.decisions()) {
            String reason = decision.getPassedBy().get(channel);
            if (reason != null) {
                reasons.put("step-" + decision.getStep(), reason);
            }
        }
        return reasons;
    }

    private JsonNode merge(String name, List<Integer> steps, String operator, String... settings) throws Exception {
        List<String> words = new ArrayList<>(List.of(
                "merge",
                "--json",
                "--operator",
                operator,
                "-o",
                dir.resolve("merged-" + name).toString()));
        for (String setting : settings) {
            words.addAll(List.of("--set", setting));
        }
        words.addAll(List.of(
                "--steps", String.join(",", steps.stream().map(String::valueOf).toList())));
        steps.forEach(step -> words.add(files.get(step).toString()));
        return Cli.here(words).succeeded().json();
    }
}
