package dev.weir.it.results;

import dev.weir.clients.evaluate.PredictionRow;
import dev.weir.it.fixture.MergeCommand;
import dev.weir.it.fixture.Mnist;
import dev.weir.it.fixture.Trajectory;
import dev.weir.it.fixture.Weights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Accuracy against negative flips of one interpolation, from the old model to the new.
 *
 * @param name of the interpolation
 * @param rows at the weights 0, 0.1 .. 1 of the new model
 */
record Tradeoff(String name, List<Row> rows) {
    private static final int STEPS = 10;

    /** @param dir where the models and their Fishers lie */
    static List<Tradeoff> measure(Path dir) throws IOException {
        Mnist evaluation = Mnist.evaluation();
        List<PredictionRow> before = evaluation.predict(Trajectory.update("old"));
        Path old = dir.resolve("old.safetensors");
        Path run = dir.resolve("run0.safetensors");
        List<Path> runs = OperatorResults.RUNS.stream()
                .map(name -> dir.resolve(name + ".safetensors"))
                .toList();
        String[] fishers = {
            "--side",
            "fisher=" + dir.resolve("fisher-old.safetensors"),
            "--side",
            "fisher=" + dir.resolve("fisher-run0.safetensors")
        };
        String[] base = {"--base", old.toString()};
        List<Tradeoff> all = new ArrayList<>();
        all.add(of("bcwi", List.of(old, run), new String[0], dir, evaluation, before));
        all.add(of("fisher-bcwi", List.of(old, run), fishers, dir, evaluation, before));
        all.add(of("soup-bcwi", runs, base, dir, evaluation, before));
        return List.copyOf(all);
    }

    private static Tradeoff of(
            String operator, List<Path> inputs, String[] more, Path dir, Mnist evaluation, List<PredictionRow> before) {
        Path merged = dir.resolve("tradeoff.safetensors");
        List<Row> rows = IntStream.rangeClosed(0, STEPS)
                .mapToObj(i -> {
                    String weight = "new-weight=" + i / (double) STEPS;
                    String[] set = Stream.concat(Stream.of("--set", weight), Stream.of(more))
                            .toArray(String[]::new);
                    MergeCommand.run(operator, merged, inputs, set);
                    return Row.of(
                            operator, weight, before, evaluation.predict(Weights.read(merged)), inputs.size(), 0, 1, 0);
                })
                .toList();
        return new Tradeoff(operator, rows);
    }
}
