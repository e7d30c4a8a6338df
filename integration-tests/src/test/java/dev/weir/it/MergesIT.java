package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.clients.evaluate.PredictionRow;
import dev.weir.it.fixture.Cli;
import dev.weir.it.fixture.Mnist;
import dev.weir.it.fixture.Reference;
import dev.weir.it.fixture.Trajectory;
import dev.weir.it.fixture.Weights;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Averages of a real training run and merges of a real data update, by {@code weir merge}. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class MergesIT {

    /** Correct answers, and those of the model before that it got right and this one gets wrong. */
    private record Score(int correct, int negativeFlips) {}

    @TempDir
    private static Path dir;

    private final List<Path> trajectory = new ArrayList<>();
    private SortedMap<Long, Weights> checkpoints;
    private Mnist digits;
    private Weights old;
    private List<PredictionRow> before;

    @BeforeAll
    void write() throws Exception {
        digits = Mnist.evaluation();
        checkpoints = Trajectory.checkpoints();
        checkpoints.forEach((step, weights) -> trajectory.add(weights.write(dir.resolve("step-" + step))));
        old = Trajectory.update("old");
        old.write(dir.resolve("old"));
        Trajectory.update("fisher_old").write(dir.resolve("fisher_old"));
        for (int i = 0; i < 8; i++) {
            Trajectory.update("run" + i).write(dir.resolve("run" + i));
        }
        before = digits.predict(old);
    }

    @Test
    void swaIsPyTorchsAndBetterThanTheLastCheckpoint() throws Exception {
        Weights swa = average(60, "swa", "from-step=420");
        // PyTorch keeps a running mean in f32; the sum here is exact.
        assertClose(swa, Trajectory.reference("swa"), 2e-7);
        assertSame(average(60, "sma", "from-step=420"), swa);
        assertThat(score(swa).correct())
                .isGreaterThan(score(checkpoints.get(checkpoints.lastKey())).correct());
    }

    @Test
    void lawaIsTheMeanOfTheNewest() throws Exception {
        List<Weights> newest =
                new ArrayList<>(checkpoints.values()).subList(checkpoints.size() - 10, checkpoints.size());
        assertSame(average(60, "lawa", "window=10"), Reference.mean(newest));
    }

    @Test
    void postHocAveragesOfThreeWidthsAreThoseThatWereFoldedInTraining() throws Exception {
        List<Path> snapshots = new ArrayList<>();
        List<String> steps = new ArrayList<>();
        for (String tracked : List.of("0.05", "0.1")) {
            for (int count = 10; count <= 60; count += 10) {
                Path snapshot = dir.resolve("power-" + tracked + "-" + count);
                average(count, "power-ema", "sigma-rel=" + tracked).write(snapshot);
                snapshots.add(snapshot);
                steps.add(Integer.toString(20 * count));
            }
        }
        Weights last = checkpoints.get(checkpoints.lastKey());
        for (String width : List.of("0.075", "0.12", "0.15")) {
            Weights folded = average(60, "power-ema", "sigma-rel=" + width);
            Weights made =
                    merge("post-hoc-ema", snapshots, "--set", "sigma-rel=" + width, "--steps", String.join(",", steps));
            assertThat(distance(made, folded) / distance(last, folded))
                    .as("width %s: distance from the average, as a share of the last checkpoint's", width)
                    .isLessThan(0.02);
            assertThat(score(made).correct()).isCloseTo(score(folded).correct(), within(3));
        }
    }

    @Test
    void interpolationGivesTheMeasuredFlips() throws Exception {
        Weights merged = merge("wise-ft", models("run0"), "--base", file("old"), "--set", "alpha=0.6");
        assertThat(score(merged)).isEqualTo(new Score(2_793, 15));
        Weights layers = merge("layer-wise", models("run0"), "--base", file("old"), "--set", "layers=*:0.6");
        assertSame(layers, merged);
    }

    @Test
    void soupsGiveTheMeasuredAccuracies() throws Exception {
        List<Path> runs = models(IntStream.range(0, 8).mapToObj(i -> "run" + i).toArray(String[]::new));
        double soup = Trajectory.results().path("B").path("uniform_soup_acc").asDouble();
        assertThat(score(merge("uniform-soup", runs)).correct()).isEqualTo(Math.round(3_000 * soup));
        Score compatible = score(merge("soup-bcwi", runs, "--base", file("old"), "--set", "new-weight=0.6"));
        assertThat(compatible).isEqualTo(new Score(2_806, 8));
    }

    @Test
    void importancesOfTheOldModelGiveTheMeasuredFlips() throws Exception {
        Weights ones = new Weights(
                old.layout(),
                old.tensors().stream()
                        .map(values -> {
                            float[] one = new float[values.length];
                            Arrays.fill(one, 1);
                            return one;
                        })
                        .toList());
        ones.write(dir.resolve("ones"));
        Weights merged = merge(
                "fisher-bcwi",
                models("old", "run0"),
                "--set",
                "new-weight=0.9",
                "--side",
                "fisher=" + file("fisher_old"),
                "--side",
                "fisher=" + file("ones"));
        assertThat(score(merged)).isEqualTo(new Score(2_798, 18));
    }

    @Test
    void modelStockOfTwoRunsKeepsMoreOfTheOldModelThanTheirMean() throws Exception {
        Score stock = score(merge("model-stock", models("run0", "run1"), "--base", file("old")));
        Score mean = score(merge("uniform-soup", models("run0", "run1")));
        assertThat(stock.negativeFlips()).isLessThan(mean.negativeFlips());
        assertThat(stock.correct()).isGreaterThan((int) Math.round(3_000 * 0.8843));
    }

    @Test
    void aLayerOfTheNewModelDoesNotFitTheOldOneByItself() throws Exception {
        Score first = score(merge("layer-wise", models("run0"), "--base", file("old"), "--set", "layers=0.*:1"));
        Score second = score(merge("layer-wise", models("run0"), "--base", file("old"), "--set", "layers=2.*:1"));
        Score whole = score(Trajectory.update("run0"));
        assertThat(whole).isEqualTo(new Score(2_802, 48));
        assertThat(List.of(first.correct(), second.correct()))
                .as("one layer of the new model in the old one does not fit")
                .allSatisfy(correct -> assertThat(correct).isLessThan(whole.correct()));
    }

    private Weights average(int count, String operator, String setting) throws Exception {
        String steps = String.join(
                ",",
                checkpoints.keySet().stream().limit(count).map(String::valueOf).toList());
        return merge(operator, trajectory.subList(0, count), "--set", setting, "--steps", steps);
    }

    private static Weights merge(String operator, List<Path> inputs, String... more) throws Exception {
        Path out = Files.createTempFile(dir, "merged", ".safetensors");
        List<String> words = Stream.of(
                        Stream.of("merge", "--operator", operator, "-o", out.toString()),
                        Arrays.stream(more),
                        inputs.stream().map(Path::toString))
                .flatMap(part -> part)
                .toList();
        Cli.here(words).succeeded();
        return Weights.read(out);
    }

    private static List<Path> models(String... names) {
        return Arrays.stream(names).map(dir::resolve).toList();
    }

    private static String file(String name) {
        return dir.resolve(name).toString();
    }

    private Score score(Weights weights) {
        List<PredictionRow> after = digits.predict(weights);
        int correct = 0;
        int flips = 0;
        for (int i = 0; i < after.size(); i++) {
            boolean right = after.get(i).prediction() == after.get(i).label().orElseThrow();
            boolean wasRight =
                    before.get(i).prediction() == before.get(i).label().orElseThrow();
            correct += right ? 1 : 0;
            flips += wasRight && !right ? 1 : 0;
        }
        return new Score(correct, flips);
    }

    private static double distance(Weights a, Weights b) {
        double square = 0;
        for (int t = 0; t < a.tensors().size(); t++) {
            for (int i = 0; i < a.tensors().get(t).length; i++) {
                double difference = (double) a.tensors().get(t)[i] - b.tensors().get(t)[i];
                square += difference * difference;
            }
        }
        return Math.sqrt(square);
    }

    private static void assertSame(Weights a, Weights b) {
        assertThat(a.digest()).isEqualTo(b.digest());
    }

    private static void assertClose(Weights a, Weights b, double tolerance) {
        for (int t = 0; t < a.tensors().size(); t++) {
            assertThat(a.tensors().get(t)).containsExactly(b.tensors().get(t), within((float) tolerance));
        }
    }
}
