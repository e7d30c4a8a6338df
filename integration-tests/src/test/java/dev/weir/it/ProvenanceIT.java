package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that say what they descend from, and an average that lets in what may be averaged, across a kill and in replays. */
final class ProvenanceIT {

    private static final String STEW = "{name: stew, operator: ratatouille}";

    @TempDir
    private static Path dir;

    @Test
    void aModelOfAnotherAncestorDoesNotMoveTheAverageAndManifestsSayWhatWentIn() throws Exception {
        try (UpProcess up = UpProcess.start(dir.resolve("data"), Ports.free()).awaitReady();
                Model model = Model.apply(up, "stews", STEW, Model.ema(0.5))) {
            Path cars = publish(up, "cars", 1, "ancestor=vit", "auxiliary=cars", "target=birds");
            Path foreign = publish(up, "foreign", 2, "ancestor=resnet");
            up.child("coordinate", "stews").destroyForcibly();
            up.child("merge", "stews").destroyForcibly();
            publish(up, "same", 3, "ancestor=vit", "auxiliary=birds", "target=birds");
            Path dogs = publish(
                    up,
                    "dogs",
                    4,
                    "ancestor=vit",
                    "auxiliary=dogs",
                    "target=birds",
                    "calibration=mixup+label-smoothing");

            List<String> reasons = new ArrayList<>();
            for (Decision decision : model.decisions()) {
                reasons.add(decision.getPassedBy().getOrDefault("stew", ""));
            }
            assertThat(reasons)
                    .contains("ancestor-differs: run foreign descends from resnet; allowed: vit")
                    .contains(
                            "auxiliary-is-target: run same began with weights fine-tuned on its target, birds; allowed:"
                                    + " another auxiliary task");
            JsonNode counters = up.application("stews", "coordinate").path("counters");
            assertThat(counters.path("auxiliary-is-target").asInt()).isEqualTo(1);

            Path merged = dir.resolve("merged");
            merge(merged, cars, dogs).succeeded();
            assertThat(Files.mismatch(model.pull("stew", dir.resolve("pulled")), merged))
                    .isEqualTo(-1);
            List<Manifest> manifests = model.manifests("stew");
            assertThat(manifests).hasSize(2);
            assertThat(manifests.getLast().getProvenance())
                    .containsOnlyKeys("cars", "dogs")
                    .containsEntry("cars", Map.of("ancestor", "vit", "auxiliary", "cars", "target", "birds"));
            assertThat(up.weir("inspect", "--model", "stews", "--channel", "stew")
                            .succeeded()
                            .out())
                    .contains("provenance   dogs: calibration: mixup+label-smoothing");

            JsonNode verified = up.here("replay", "--model", "stews", "--verify", "--json")
                    .succeeded()
                    .json();
            assertThat(verified.path("snapshots").asInt()).isEqualTo(6);
            assertThat(verified.path("equal").asInt()).isEqualTo(6);
            anotherPlan(up, foreign);
        }
    }

    /** Another plan's channel goes by what was said then. */
    private static void anotherPlan(UpProcess up, Path foreign) throws Exception {
        Path plan = Files.writeString(
                dir.resolve("other.yaml"),
                "model: stews\nchannels:\n  - {name: other, operator: ratatouille, settings: {ancestor: resnet}}\n");
        Path out = dir.resolve("others");
        up.here("replay", "--model", "stews", "--plan", plan.toString(), "--out", out.toString())
                .succeeded();
        Path merged = dir.resolve("other-merged");
        merge(merged, foreign).succeeded();
        assertThat(Files.mismatch(out.resolve("other/current/model.safetensors"), merged))
                .isEqualTo(-1);
    }

    private static Path publish(UpProcess up, String run, int seed, String... provenance) throws Exception {
        Path file = Weights.random(Weights.SMALL, seed).write(dir.resolve(run));
        List<String> words = new ArrayList<>(List.of("publish", "--model", "stews", "--run", run, "--step", "10"));
        for (String one : provenance) {
            words.addAll(List.of("--provenance", one));
        }
        words.add(file.toString());
        up.weir(words.toArray(String[]::new)).succeeded();
        return file;
    }

    private static Cli.Result merge(Path output, Path... files) throws Exception {
        List<String> words = new ArrayList<>(List.of("merge", "--operator", "ratatouille", "-o", output.toString()));
        for (Path file : files) {
            words.add(file.toString());
        }
        return Cli.here(words);
    }
}
