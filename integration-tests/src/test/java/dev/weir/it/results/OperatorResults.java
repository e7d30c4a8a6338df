package dev.weir.it.results;

import dev.weir.clients.evaluate.PredictionRow;
import dev.weir.it.fixture.Gradients;
import dev.weir.it.fixture.HiddenUnits;
import dev.weir.it.fixture.MergeCommand;
import dev.weir.it.fixture.Mnist;
import dev.weir.it.fixture.Trajectory;
import dev.weir.it.fixture.Weights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Merges the models of the data update by {@code weir merge} and evaluates what comes of it. */
final class OperatorResults {
    /** Digits over which the Fishers are, as in the paper of Fisher merging. */
    static final int FISHER_DIGITS = 4_096;
    /** Digits that score single models and soups. */
    static final int SCORE_DIGITS = 7_000;
    /** Digits that the coefficients of the learned soup are learned with. */
    static final int LEARN_DIGITS = 1_000;

    static final List<String> NEW_WEIGHTS = List.of("0.2", "0.4", "0.6", "0.8");
    static final List<String> RUNS =
            IntStream.range(0, 8).mapToObj(i -> "run" + i).toList();

    private final Path dir;
    private final Mnist evaluation;
    private final List<PredictionRow> before;
    private final List<Row> rows = new ArrayList<>();
    private int merges;
    private long mergeNs;

    private OperatorResults(Path dir) throws IOException {
        this.dir = dir;
        this.evaluation = Mnist.evaluation();
        this.before = evaluation.predict(Trajectory.update("old"));
    }

    /**
     * The whole table.
     *
     * @param dir an empty folder for models
     */
    static List<Row> measure(Path dir) throws IOException {
        OperatorResults results = new OperatorResults(dir);
        results.write();
        results.single();
        results.soups();
        results.scoredSoups();
        results.fishers();
        results.interpolations();
        results.layers();
        results.matching();
        return List.copyOf(results.rows);
    }

    private void write() throws IOException {
        Mnist digits = Mnist.training(FISHER_DIGITS);
        Stream.concat(Stream.of("old"), RUNS.stream()).forEach(name -> {
            Weights model = Trajectory.update(name);
            model.write(file(name));
            Gradients.fisher(model, digits).write(file("fisher-" + name));
        });
    }

    private void single() {
        addUnmerged("none", "`old`", "old");
        addUnmerged("none", "`run0`", "run0");
    }

    private void soups() {
        add("uniform-soup", "8 runs", 0, merge("uniform-soup", RUNS), 8);
        add("diwa", "8 runs", 0, merge("diwa", RUNS), 8);
        add("model-stock", "8 runs, base `old`", 0, merge("model-stock", RUNS, "--base", path("old")), 8);
    }

    private void scoredSoups() throws IOException {
        Mnist digits = Mnist.training(SCORE_DIGITS);
        String scores =
                RUNS.stream().map(run -> score(digits, Trajectory.update(run))).collect(Collectors.joining(","));
        for (String operator : List.of("greedy-soup", "diwa-greedy")) {
            List<String> soups = new ArrayList<>();
            Path out = merge(operator, RUNS, "--set", "scores=" + scores);
            while (soups.size() < RUNS.size() - 1) {
                soups.add(score(digits, Weights.read(out)));
                out = merge(
                        operator, RUNS, "--set", "scores=" + scores, "--set", "soup-scores=" + String.join(",", soups));
            }
            add(operator, "8 runs", (long) (RUNS.size() + soups.size()) * digits.size(), out, 8);
        }
        Mnist few = Mnist.training(LEARN_DIGITS);
        List<Weights> models = RUNS.stream().map(Trajectory::update).toList();
        String logits = LearnedSoup.logits(
                models, few, setting -> Weights.read(merge("learned-soup", RUNS, "--set", "logits=" + setting)));
        add(
                "learned-soup",
                "8 runs, a coefficient a layer",
                (long) LearnedSoup.UPDATES * few.size(),
                merge("learned-soup", RUNS, "--set", "logits=" + logits),
                8);
    }

    private void fishers() {
        Path merged = merge("fisher", RUNS, fisherSides(RUNS));
        add("fisher", "8 runs", (long) RUNS.size() * FISHER_DIGITS, merged, 8);
    }

    private void interpolations() {
        for (String weight : NEW_WEIGHTS) {
            String set = "new-weight=" + weight;
            add("bcwi", "`old`, `run0`, " + set, 0, merge("bcwi", List.of("old", "run0"), "--set", set), 2);
        }
        for (String weight : NEW_WEIGHTS) {
            String set = "new-weight=" + weight;
            List<String> both = List.of("old", "run0");
            String[] more = Stream.concat(Stream.of("--set", set), Arrays.stream(fisherSides(both)))
                    .toArray(String[]::new);
            add("fisher-bcwi", "`old`, `run0`, " + set, 2 * FISHER_DIGITS, merge("fisher-bcwi", both, more), 2);
        }
        for (String weight : NEW_WEIGHTS) {
            String set = "new-weight=" + weight;
            Path merged = merge("soup-bcwi", RUNS, "--base", path("old"), "--set", set);
            add("soup-bcwi", "`old`, 8 runs, " + set, 0, merged, 9);
        }
        Path wise = merge("wise-ft", List.of("run0"), "--base", path("old"), "--set", "alpha=0.5");
        add("wise-ft", "`old`, `run0`, alpha=0.5", 0, wise, 2);
    }

    private void layers() {
        for (String layers : List.of("0.*:0.6", "2.*:0.6", "*:0.6")) {
            Path merged = merge("layer-wise", List.of("run0"), "--base", path("old"), "--set", "layers=" + layers);
            add("layer-wise", "`old`, `run0`, layers=" + layers, 0, merged, 2);
        }
    }

    private void matching() {
        List<String> shuffled = new ArrayList<>(List.of("run0"));
        for (int i = 1; i < 4; i++) {
            Weights run = Trajectory.update("run" + i);
            HiddenUnits.permuted(run, HiddenUnits.shuffle(i)).write(file("shuffled" + i));
            shuffled.add("shuffled" + i);
        }
        String what = "`run0`, `run1` to `run3` with shuffled units";
        add("uniform-soup", what, 0, merge("uniform-soup", shuffled), 4);
        add("weight-matching", what, 0, merge("weight-matching", shuffled), 4);
        add("uniform-soup", "`run0` to `run3`", 0, merge("uniform-soup", RUNS.subList(0, 4)), 4);
    }

    private String[] fisherSides(List<String> models) {
        return models.stream()
                .flatMap(model -> Stream.of("--side", "fisher=" + path("fisher-" + model)))
                .toArray(String[]::new);
    }

    private Path merge(String operator, List<String> inputs, String... more) {
        Path out = file("merged");
        long start = System.nanoTime();
        MergeCommand.run(operator, out, inputs.stream().map(this::file).toList(), more);
        mergeNs += System.nanoTime() - start;
        merges++;
        return out;
    }

    private void addUnmerged(String operator, String what, String model) {
        add(operator, what, 0, file(model), 1);
    }

    private void add(String operator, String what, long training, Path merged, int models) {
        long mergeMs = Math.round(mergeNs / 1e6);
        List<PredictionRow> after = evaluation.predict(Weights.read(merged));
        rows.add(Row.of(operator, what, before, after, models, training, merges, mergeMs));
        merges = 0;
        mergeNs = 0;
    }

    private static String score(Mnist digits, Weights model) {
        return String.format(Locale.ROOT, "%.6f", (double) digits.correct(model) / digits.size());
    }

    private Path file(String name) {
        return dir.resolve(name + ".safetensors");
    }

    private String path(String name) {
        return file(name).toString();
    }
}
