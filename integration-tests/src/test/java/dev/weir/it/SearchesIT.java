package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.clients.evaluate.SideInputs;
import dev.weir.clients.publish.Publisher;
import dev.weir.clients.subscribe.Subscriber;
import dev.weir.it.fixture.Candidates;
import dev.weir.it.fixture.Cli;
import dev.weir.it.fixture.Mnist;
import dev.weir.it.fixture.Model;
import dev.weir.it.fixture.Trajectory;
import dev.weir.it.fixture.UpProcess;
import dev.weir.it.fixture.UpProcess.Ports;
import dev.weir.it.fixture.Weights;
import dev.weir.schemas.record.Combination;
import dev.weir.schemas.record.Ingredient;
import dev.weir.schemas.record.Manifest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Searches over the wire: candidates out, evaluations in, and the choice of the offline merge with the same scores. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SearchesIT {

    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final List<String> ROLES = List.of("merge", "coordinate", "compatibility");
    private static final Map<String, String> QUICK =
            Map.of("WEIR_SESSION_TIMEOUT_MS", "4000", "WEIR_TRANSACTION_TIMEOUT_MS", "5000");

    @TempDir
    private static Path dir;

    private UpProcess up;

    @BeforeAll
    void start() throws Exception {
        up = UpProcess.start(dir.resolve("data"), Ports.free(), QUICK).awaitReady();
    }

    @AfterAll
    void stop() {
        if (up != null) {
            up.close();
        }
    }

    @Test
    void aGreedySoupOfRealModelsIsChosenByPredictionsAlthoughEveryApplicationIsKilledBeforeTheAnswers()
            throws Exception {
        int count = 4;
        List<String> files = new ArrayList<>();
        Mnist digits = Mnist.evaluation();
        try (Model model = Model.apply(
                        up,
                        "greedy",
                        "{name: soup, operator: greedy-soup-search, settings: {models: 4, score: accuracy}}",
                        "{name: last, operator: ema, settings: {decay: 0}}");
                Candidates candidates = new Candidates(up, model, digits, dir.resolve("greedy"))) {
            for (int i = 0; i < count; i++) {
                Weights weights = Trajectory.update("run" + i);
                files.add(weights.write(dir.resolve("run" + i)).toString());
                candidates.publish("run" + i, weights);
            }
            candidates.versions("soup@candidates", count);
            killAll(model);
            List<Double> scores = new ArrayList<>();
            for (int version = count; version > 0; version--) {
                candidates.evaluate("soup@candidates", version);
                scores.addFirst(accuracyOf(candidates, "soup@candidates", version));
            }
            for (int version = count + 1; version < 2 * count; version++) {
                candidates.versions("soup@candidates", version);
                if (version == count + 2) {
                    killAll(model);
                }
                candidates.evaluate("soup@candidates", version);
                scores.add(accuracyOf(candidates, "soup@candidates", version));
            }
            Manifest soup = candidates.versions("soup", 1).getFirst();
            Path merged = dir.resolve("soup.safetensors");
            List<String> words =
                    new ArrayList<>(List.of("merge", "--operator", "greedy-soup", "-o", merged.toString()));
            words.addAll(List.of("--set", "scores=" + text(scores.subList(0, count))));
            words.addAll(List.of("--set", "soup-scores=" + text(scores.subList(count, scores.size()))));
            words.addAll(files);
            Cli.here(words).succeeded();
            assertThat(Files.mismatch(candidates.pulled("soup", 1), merged)).isEqualTo(-1);
            assertThat(soup.getIngredients())
                    .extracting(Ingredient::getRun)
                    .containsExactly("run0", "run1", "run2", "run3");
            List<Combination> combinations = combinations(model);
            assertThat(combinations).hasSize(2 * count);
            assertThat(combinations.getLast().getChosen()).isTrue();
            assertThat(soup.getSeq()).isEqualTo(combinations.getLast().getSeq());
            replayed(model, 3 * count);
        }
    }

    @Test
    void twoModelsLayerByLayerByScoresOfTheVerb() throws Exception {
        Weights old = Trajectory.update("old");
        Weights fresh = Trajectory.update("run0");
        Mnist digits = Mnist.evaluation();
        try (Model model = Model.apply(
                        up,
                        "layers",
                        "{name: mixed, operator: layer-wise-search, settings: {score: accuracy, barrier: 0.001}}");
                Candidates candidates = new Candidates(up, model, digits, dir.resolve("layers"));
                SideInputs inputs = SideInputs.open(model.connection(), "layers", "nightly")) {
            candidates.publish("old", old);
            candidates.publish("fresh", fresh);
            List<Manifest> asked = candidates.versions("mixed@candidates", 5);
            List<Double> scores = new ArrayList<>();
            for (Manifest one : asked) {
                scores.add(accuracyOf(candidates, "mixed@candidates", one.getVersion()));
            }
            up.weir(
                            "evaluate",
                            "--model",
                            "layers",
                            "--channel",
                            "mixed@candidates",
                            "--version",
                            "5",
                            "--value",
                            "accuracy=" + scores.get(4))
                    .succeeded();
            for (int version = 1; version < 5; version++) {
                inputs.ofVersion("mixed@candidates", version, "accuracy", scores.get(version - 1));
            }
            candidates.versions("mixed", 1);
            List<String> layers = new ArrayList<>();
            for (int layer = 0; layer < 2; layer++) {
                double line = (scores.get(0) + scores.get(2 + 2 * layer)) / 2;
                if (line - scores.get(1 + 2 * layer) <= 0.001) {
                    layers.add(List.of("0.*", "2.*").get(layer) + ":0.5");
                }
            }
            layers.add("*:0");
            Path merged = dir.resolve("mixed.safetensors");
            Cli.here(List.of(
                            "merge",
                            "--operator",
                            "layer-wise",
                            "--set",
                            "layers=" + String.join(",", layers),
                            "-o",
                            merged.toString(),
                            "--base",
                            old.write(dir.resolve("old")).toString(),
                            fresh.write(dir.resolve("fresh")).toString()))
                    .succeeded();
            assertThat(Files.mismatch(candidates.pulled("mixed", 1), merged)).isEqualTo(-1);
            replayed(model, 6);
        }
    }

    @Test
    void anEvaluatorThatFollowsTheCandidatesDrivesAnEvolutionToItsEnd() throws Exception {
        List<Weights> models = List.of(small(1), small(2), small(3));
        try (Model model = Model.apply(
                        up,
                        "evolved",
                        "{name: best, operator: lcsc-search, settings: {models: 3, population: 4, generations: 3, seed: 9}}");
                Publisher publisher = model.publisher("r", models.getFirst());
                Subscriber subscriber = Subscriber.open(model.connection(), "evolved");
                SideInputs inputs = SideInputs.open(model.connection(), "evolved", "loop")) {
            for (int i = 0; i < models.size(); i++) {
                publisher.publish(i, models.get(i).source());
            }
            Map<Long, Double> scores = new TreeMap<>();
            subscriber.each(
                    "best@candidates",
                    manifest -> {
                        double score = weight(manifest, 0) - weight(manifest, 2);
                        scores.put(manifest.getVersion(), score);
                        inputs.ofVersion("best@candidates", manifest.getVersion(), "score", score);
                    },
                    () -> scores.size() == 12);
            UpProcess.await(LIMIT, () -> !model.manifests("best").isEmpty());
            Manifest best = model.manifests("best").getFirst();
            double lowest = scores.values().stream().min(Double::compare).orElseThrow();
            assertThat(weight(best, 0) - weight(best, 2)).isEqualTo(lowest).isNegative();
            Path merged = dir.resolve("best.safetensors");
            List<String> words =
                    new ArrayList<>(List.of("merge", "--operator", "lcsc", "-o", merged.toString(), "--set"));
            words.add("coefficients=" + weight(best, 0) + "," + weight(best, 1) + "," + weight(best, 2));
            for (int i = 0; i < models.size(); i++) {
                words.add(models.get(i).write(dir.resolve("evolved-" + i)).toString());
            }
            Cli.here(words).succeeded();
            assertThat(Files.mismatch(model.pull("best", dir.resolve("best")), merged))
                    .isEqualTo(-1);
            replayed(model, 13);
        }
    }

    @Test
    void aSearchGoesOnWithoutAScoreThatDoesNotCome() throws Exception {
        List<Weights> models = List.of(small(4), small(5));
        try (Model model = Model.apply(
                        up,
                        "unscored",
                        "{name: soup, operator: greedy-soup-search, settings: {models: 2}}\nscore-wait-ms: 3000");
                Publisher publisher = model.publisher("r", models.getFirst());
                SideInputs inputs = SideInputs.open(model.connection(), "unscored", "half")) {
            for (int i = 0; i < models.size(); i++) {
                publisher.publish(i, models.get(i).source());
            }
            inputs.ofVersion("soup@candidates", 2, "score", 0.5);
            UpProcess.await(LIMIT, () -> !model.manifests("soup").isEmpty());
            assertThat(Weights.read(model.pull("soup", dir.resolve("unscored"))).digest())
                    .isEqualTo(models.get(1).digest());
            Combination chosen = combinations(model).getLast();
            assertThat(chosen.getReason()).isEqualTo("1 of 2 models, 1 without a score");
            assertThat(chosen.getUnscored()).containsExactly(0);
            inputs.ofVersion("soup@candidates", 1, "score", 0.9);
            UpProcess.await(LIMIT, () -> model.records(model.topics().dlq()).size() == 1);
            JsonNode counters = up.application("unscored", "coordinate").path("counters");
            assertThat(counters.path("score-missing").asInt()).isEqualTo(1);
            assertThat(counters.path("input-late").asInt()).isEqualTo(1);
            replayed(model, 3);
        }
    }

    @Test
    void diwaSwadAndALearnedSoupOfTheSameCheckpointsEachFindWhatTheirScoresSay() throws Exception {
        List<Weights> models = List.of(small(6), small(7), small(8), small(9));
        List<Double> accuracies = List.of(0.5, 0.9, 0.7, 0.8, 0.9, 0.6, 0.95);
        List<Double> losses = List.of(2.0, 0.5, 0.6, 3.0);
        try (Model model = Model.apply(
                        up,
                        "searched",
                        "{name: diwa, operator: diwa-search, settings: {models: 4}}",
                        "{name: window, operator: swad-search, settings: {models: 4, patience: 2, overfit-patience: 1}}",
                        "{name: learned, operator: learned-soup-search, settings: {models: 4, population: 4, generations: 2}}");
                Subscriber subscriber = Subscriber.open(model.connection(), "searched");
                SideInputs inputs = SideInputs.open(model.connection(), "searched", "loop")) {
            for (int i = 0; i < models.size(); i++) {
                try (Publisher run = model.publisher("run-" + i, models.get(i))) {
                    run.publish(1, models.get(i).source());
                }
            }
            answer(subscriber, inputs, "diwa", accuracies);
            answer(subscriber, inputs, "window", losses);
            answer(subscriber, inputs, "learned", List.of(0.1, 0.2, 0.7, 0.3, 0.4, 0.5, 0.6, 0.3));
            UpProcess.await(
                    LIMIT,
                    () -> List.of("diwa", "window", "learned").stream()
                            .noneMatch(channel -> model.manifests(channel).isEmpty()));
            assertThat(Weights.read(model.pull("diwa", dir.resolve("diwa"))).digest())
                    .isEqualTo(merged(
                            models,
                            "diwa-greedy",
                            "scores=" + text(accuracies.subList(0, 4)),
                            "soup-scores=" + text(accuracies.subList(4, 7))));
            assertThat(Weights.read(model.pull("window", dir.resolve("window"))).digest())
                    .isEqualTo(merged(models, "swad", "losses=" + text(losses), "patience=2", "overfit-patience=1"));
            assertThat(model.manifests("learned").getFirst().getDigest())
                    .as("the third soup, which has the highest score")
                    .isEqualTo(model.manifests("learned@candidates").get(2).getDigest());
            replayed(model, accuracies.size() + losses.size() + 8 + 3);
        }
    }

    /** Scores every candidate of a channel, as it comes. */
    private static void answer(Subscriber subscriber, SideInputs inputs, String channel, List<Double> scores)
            throws Exception {
        Map<Long, Double> given = new TreeMap<>();
        Instant limit = Instant.now().plus(LIMIT);
        subscriber.each(
                channel + "@candidates",
                manifest -> {
                    double score = scores.get((int) manifest.getVersion() - 1);
                    given.put(manifest.getVersion(), score);
                    inputs.ofVersion(channel + "@candidates", manifest.getVersion(), "score", score);
                },
                () -> given.size() == scores.size() || Instant.now().isAfter(limit));
        assertThat(given).as(channel).hasSameSizeAs(scores);
    }

    /** Digest of the offline merge. */
    private static String merged(List<Weights> models, String operator, String... settings) throws Exception {
        Path folder = Files.createTempDirectory(dir, operator);
        Path out = folder.resolve("out");
        List<String> words = new ArrayList<>(List.of("merge", "--operator", operator, "-o", out.toString()));
        for (String setting : settings) {
            words.addAll(List.of("--set", setting));
        }
        for (int i = 0; i < models.size(); i++) {
            words.add(models.get(i).write(folder.resolve("in-" + i)).toString());
        }
        Cli.here(words).succeeded();
        return Weights.read(out).digest();
    }

    private static double weight(Manifest manifest, int model) {
        return manifest.getIngredients().get(model).getWeight();
    }

    private static Weights small(long seed) {
        return Weights.random(Weights.SMALL, seed);
    }

    private static List<Combination> combinations(Model model) {
        return model.read(model.topics().decisions(), Combination.class);
    }

    private static double accuracyOf(Candidates candidates, String channel, long version) {
        List<Boolean> right = candidates.predict(channel, version).stream()
                .map(row -> row.prediction() == row.label().orElseThrow())
                .toList();
        return (double) right.stream().filter(one -> one).count() / right.size();
    }

    private static String text(List<Double> numbers) {
        return numbers.stream().map(String::valueOf).collect(Collectors.joining(","));
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
                    return up.child(role, model.name()).pid() != killed.get(role)
                            && up.application(model.name(), role)
                                    .path("state")
                                    .asText()
                                    .equals("running");
                } catch (Exception notYet) {
                    return false;
                }
            });
        }
    }

    private void replayed(Model model, int snapshots) throws Exception {
        JsonNode replay = up.here("replay", "--model", model.name(), "--verify", "--json")
                .succeeded()
                .json();
        assertThat(replay.path("snapshots").asInt()).isEqualTo(snapshots);
        assertThat(replay.path("equal").asInt()).isEqualTo(snapshots);
    }
}
