package dev.weir.it.results;

import dev.weir.it.fixture.MergeCommand;
import dev.weir.it.fixture.Mnist;
import dev.weir.it.fixture.StreamAverage;
import dev.weir.it.fixture.Trajectory;
import dev.weir.it.fixture.Weights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Averages of one real training run, evaluated after every checkpoint of it. */
final class TrajectoryResults {
    /** Snapshots of each tracked profile from which a width is made afterwards. */
    static final int SNAPSHOTS = 8;
    /** Training digits by whose log loss coefficients are searched for. */
    static final int SEARCH_DIGITS = 500;
    /** Newest checkpoints that a search combines. */
    static final int SEARCH_WINDOW = 10;
    /** Trainer steps between searches. */
    static final int SEARCH_EVERY = 100;

    static final List<Double> TRACKED = List.of(0.05, 0.1);
    static final List<Double> WIDTHS = List.of(0.1, 0.15, 0.2);

    /**
     * One average over the run.
     *
     * @param operator as {@code weir merge} calls it, or {@code raw}
     * @param settings as it takes them
     * @param correct evaluation digits that it names rightly, by trainer step, where there is an average
     */
    record Curve(String operator, String settings, SortedMap<Long, Integer> correct) {
        String name() {
            return settings.isEmpty() ? operator : operator + " " + settings;
        }
    }

    private final Path dir;
    private final Mnist evaluation;
    private final SortedMap<Long, Weights> checkpoints;
    private final List<Long> steps;

    private TrajectoryResults(Path dir) throws IOException {
        this.dir = dir;
        this.evaluation = Mnist.evaluation();
        this.checkpoints = Trajectory.checkpoints();
        this.steps = List.copyOf(checkpoints.keySet());
    }

    /**
     * Every curve.
     *
     * @param dir an empty folder for models
     */
    static List<Curve> measure(Path dir) throws IOException {
        TrajectoryResults results = new TrajectoryResults(dir);
        List<Curve> curves = new ArrayList<>(List.of(
                results.raw(),
                results.stream("ema", Map.of("decay", 0.9)),
                results.stream("ema", Map.of("decay", 0.97)),
                results.stream("swa", Map.of("from-step", 420)),
                results.stream("sma", Map.of("from-step", 200)),
                results.stream("lawa", Map.of("window", 10)),
                results.stream("schedule-free", Map.of())));
        results.writeSnapshots();
        for (double sigmaRel : WIDTHS) {
            curves.add(results.postHoc(sigmaRel));
        }
        curves.add(results.searched());
        return List.copyOf(curves);
    }

    private Curve raw() {
        return new Curve("raw", "", evaluated(checkpoints));
    }

    private Curve stream(String operator, Map<String, ?> settings) {
        SortedMap<Long, Weights> averages = averages(operator, settings, checkpoints);
        String set = settings.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .collect(Collectors.joining(" "));
        return new Curve(operator, set, evaluated(averages));
    }

    /** The average after each checkpoint, where there is one. */
    static SortedMap<Long, Weights> averages(
            String operator, Map<String, ?> settings, SortedMap<Long, Weights> checkpoints) {
        StreamAverage average = new StreamAverage(
                operator, settings, checkpoints.sequencedValues().getFirst().layout());
        SortedMap<Long, Weights> averages = new TreeMap<>();
        checkpoints.forEach((step, weights) -> {
            average.add(step, weights);
            average.emit().ifPresent(mean -> averages.put(step, mean));
        });
        return averages;
    }

    private SortedMap<Long, Integer> evaluated(SortedMap<Long, Weights> models) {
        SortedMap<Long, Integer> correct = new TreeMap<>();
        models.forEach((step, weights) -> correct.put(step, evaluation.correct(weights)));
        return correct;
    }

    private void writeSnapshots() {
        checkpoints.forEach((step, weights) -> weights.write(file("raw", step)));
        for (double sigmaRel : TRACKED) {
            averages("power-ema", Map.of("sigma-rel", sigmaRel), checkpoints)
                    .forEach((step, weights) -> weights.write(file("power-" + sigmaRel, step)));
        }
    }

    /** A width that nobody tracked, out of the snapshots of two that were. */
    private Curve postHoc(double sigmaRel) {
        SortedMap<Long, Integer> correct = new TreeMap<>();
        for (int count = 1; count <= steps.size(); count++) {
            List<Long> times = spaced(steps.subList(0, count), SNAPSHOTS);
            correct.put(times.getLast(), evaluation.correct(postHoc(dir, sigmaRel, times)));
        }
        return new Curve("post-hoc-ema", "sigma-rel=" + sigmaRel, correct);
    }

    static Weights postHoc(Path dir, double sigmaRel, List<Long> times) {
        List<Path> inputs = TRACKED.stream()
                .flatMap(tracked -> times.stream().map(time -> file(dir, "power-" + tracked, time)))
                .toList();
        String both = Stream.of(times, times)
                .flatMap(List::stream)
                .map(String::valueOf)
                .collect(Collectors.joining(","));
        Path out = dir.resolve("post-hoc.safetensors");
        MergeCommand.run("post-hoc-ema", out, inputs, "--steps", both, "--set", "sigma-rel=" + sigmaRel);
        return Weights.read(out);
    }

    /** So many of these, evenly spaced, the last among them; all where there are fewer. */
    static List<Long> spaced(List<Long> steps, int count) {
        int taken = Math.min(count, steps.size());
        return IntStream.rangeClosed(1, taken)
                .mapToObj(i -> steps.get(i * steps.size() / taken - 1))
                .toList();
    }

    private Curve searched() throws IOException {
        Mnist digits = Mnist.training(SEARCH_DIGITS);
        SortedMap<Long, Integer> correct = new TreeMap<>();
        for (long step : steps) {
            if (step % SEARCH_EVERY == 0) {
                List<Long> window =
                        checkpoints.headMap(step + 1).keySet().stream().toList();
                window = window.subList(Math.max(0, window.size() - SEARCH_WINDOW), window.size());
                correct.put(step, evaluation.correct(searched(window, digits)));
            }
        }
        return new Curve("lcsc", "window of " + SEARCH_WINDOW, correct);
    }

    private Weights searched(List<Long> window, Mnist digits) {
        List<Weights> models = window.stream().map(checkpoints::get).toList();
        double[] found = Search.coefficients(models.size(), row -> digits.logLoss(combined(models, row)));
        String set = Arrays.stream(found)
                .skip(1)
                .mapToObj(value -> String.format(Locale.ROOT, "%.6f", value))
                .collect(Collectors.joining(","));
        Path out = dir.resolve("lcsc.safetensors");
        List<Path> inputs = window.stream().map(step -> file("raw", step)).toList();
        MergeCommand.run("lcsc", out, inputs, "--set", "coefficients=" + set);
        return Weights.read(out);
    }

    private static Weights combined(List<Weights> models, double[] row) {
        List<float[]> tensors = new ArrayList<>();
        for (int t = 0; t < models.getFirst().tensors().size(); t++) {
            float[] out = new float[models.getFirst().tensors().get(t).length];
            for (int k = 0; k < row.length; k++) {
                float share = (float) row[k];
                float[] values = models.get(k).tensors().get(t);
                for (int i = 0; i < out.length; i++) {
                    out[i] += share * values[i];
                }
            }
            tensors.add(out);
        }
        return new Weights(models.getFirst().layout(), tensors);
    }

    private Path file(String name, long step) {
        return file(dir, name, step);
    }

    private static Path file(Path dir, String name, long step) {
        return dir.resolve(name + "-" + step + ".safetensors");
    }
}
