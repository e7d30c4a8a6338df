package dev.weir.it.results;

import dev.weir.clients.evaluate.PredictionRow;
import dev.weir.it.fixture.Gradients;
import dev.weir.it.fixture.MergeCommand;
import dev.weir.it.fixture.Mnist;
import dev.weir.it.fixture.Trajectory;
import dev.weir.it.fixture.Weights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Fisher merging of the eight runs by other Fishers: empirical or exact over the classes, of few digits or many, floored low or
 * high.
 *
 * @param kind of Fisher
 * @param digits over which it is
 * @param floor of {@code fisher}
 * @param effectiveModels (sum w)^2 / sum w^2 over the models' weights of an element, the mean over the elements in which any Fisher
 *     is above 0; 8 if all count alike
 * @param row what came of it
 */
record FisherResults(String kind, int digits, String floor, double effectiveModels, Row row) {
    static final String EMPIRICAL = "empirical";
    static final String EXACT = "exact";

    private record Choice(String kind, int digits, List<String> floors) {}

    private static final List<Choice> CHOICES = List.of(
            new Choice(EMPIRICAL, 500, List.of("1e-6")),
            new Choice(EMPIRICAL, OperatorResults.FISHER_DIGITS, List.of("1e-6")),
            new Choice(EXACT, 500, List.of("1e-6")),
            new Choice(EXACT, OperatorResults.FISHER_DIGITS, List.of("1e-6", "1e-3", "1e-1")));

    /** @param dir where the runs lie */
    static List<FisherResults> measure(Path dir) throws IOException {
        Mnist evaluation = Mnist.evaluation();
        List<PredictionRow> before = evaluation.predict(Trajectory.update("old"));
        List<Path> runs = OperatorResults.RUNS.stream()
                .map(run -> dir.resolve(run + ".safetensors"))
                .toList();
        Path merged = dir.resolve("fisher-merged.safetensors");
        List<FisherResults> results = new ArrayList<>();
        for (Choice choice : CHOICES) {
            Mnist digits = Mnist.training(choice.digits());
            List<Weights> fishers = OperatorResults.RUNS.stream()
                    .map(Trajectory::update)
                    .map(run -> choice.kind().equals(EXACT)
                            ? Gradients.fisher(run, digits)
                            : Gradients.empiricalFisher(run, digits))
                    .toList();
            List<Path> files = new ArrayList<>();
            for (int i = 0; i < fishers.size(); i++) {
                files.add(fishers.get(i).write(dir.resolve("fisher-of-" + i + ".safetensors")));
            }
            for (String floor : choice.floors()) {
                String[] more = Stream.concat(
                                Stream.of("--set", "floor=" + floor),
                                files.stream().flatMap(file -> Stream.of("--side", "fisher=" + file)))
                        .toArray(String[]::new);
                MergeCommand.run("fisher", merged, runs, more);
                Row row = Row.of(
                        "fisher",
                        "8 runs",
                        before,
                        evaluation.predict(Weights.read(merged)),
                        runs.size(),
                        (long) runs.size() * choice.digits(),
                        1,
                        0);
                results.add(new FisherResults(
                        choice.kind(),
                        choice.digits(),
                        floor,
                        effectiveModels(fishers, Double.parseDouble(floor)),
                        row));
            }
        }
        return List.copyOf(results);
    }

    /**
     * The fewest of the first training digits that give half of the sum of all elements of {@code run0}'s Fisher.
     *
     * @param exact whether of the exact one, or of the empirical
     */
    static int decisiveDigits(int digits, boolean exact) throws IOException {
        double[] shares = Gradients.shares(Trajectory.update("run0"), Mnist.training(digits), exact);
        Arrays.sort(shares);
        double half = Arrays.stream(shares).sum() / 2;
        int count = 0;
        for (double sum = 0; sum < half; count++) {
            sum += shares[shares.length - 1 - count];
        }
        return count;
    }

    /** As {@code fisher} weighs by default: each Fisher divided by its length over the model, then floored. */
    private static double effectiveModels(List<Weights> fishers, double floor) {
        double[] lengths = fishers.stream().mapToDouble(FisherResults::length).toArray();
        double sum = 0;
        long count = 0;
        for (int t = 0; t < fishers.getFirst().tensors().size(); t++) {
            for (int i = 0; i < fishers.getFirst().tensors().get(t).length; i++) {
                double total = 0;
                double squares = 0;
                boolean any = false;
                for (int k = 0; k < lengths.length; k++) {
                    float importance = fishers.get(k).tensors().get(t)[i];
                    double weight = Math.max(importance / lengths[k], floor);
                    any |= importance > 0;
                    total += weight;
                    squares += weight * weight;
                }
                sum += any ? total * total / squares : 0;
                count += any ? 1 : 0;
            }
        }
        return sum / count;
    }

    private static double length(Weights fisher) {
        double squares = 0;
        for (float[] tensor : fisher.tensors()) {
            for (float value : tensor) {
                squares += (double) value * value;
            }
        }
        return Math.sqrt(squares);
    }
}
