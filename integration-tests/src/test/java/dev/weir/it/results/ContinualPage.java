package dev.weir.it.results;

import dev.weir.cli.demo.ClassIncremental;
import dev.weir.it.results.Picture.Axis;
import dev.weir.it.results.Picture.Line;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.knowm.xchart.style.Styler.LegendPosition;

/** The page and the picture of {@link ContinualResults}. */
final class ContinualPage {

    private ContinualPage() {}

    /** @param seeds results of each seed, the same names in the same order */
    static String of(List<List<ContinualResults>> seeds) {
        StringBuilder page = new StringBuilder("""
                # A temporal ensemble while classes arrive

                Written by `make operator-results`; `ContinualResultsIT` compares every number.

                The demo's trainer learns MNIST as a class-incremental stream: %d tasks of two digits each, one after the other, %,d
                training digits, each new once. A batch is %d new digits and as many from a memory of %d earlier ones, filled
                by reservoir sampling. After every step the model enters `online-ensemble`; every %d steps the model and the
                ensembles are evaluated on 3,000 other digits. The trainer never sees an ensemble.

                ![Accuracy on the classes seen so far, of the model and of two ensembles, by trainer step](pictures/continual.png)

                All fall where a task begins, because two classes that nobody has learned count from there on. Within a task the model
                forgets and recovers with every batch; the ensembles hardly move between two evaluations. A longer one keeps
                more of the earlier tasks, and needs longer to take in a new one, which costs it anytime accuracy: that is the
                choice of the decay.

                """.formatted(
                        ClassIncremental.TASKS,
                        ClassIncremental.TRAINED,
                        ClassIncremental.NEW,
                        ClassIncremental.MEMORY,
                        ContinualResults.EVERY));
        page.append("Means over %d seeds, with the lowest and the highest.%n%n".formatted(seeds.size()));
        page.append(
                        "| | final accuracy | average anytime accuracy | worst-case accuracy | forgetting | largest fall |\n")
                .append("|---|---|---|---|---|---|\n");
        for (int i = 0; i < seeds.getFirst().size(); i++) {
            int number = i;
            List<ContinualResults> rows =
                    seeds.stream().map(seed -> seed.get(number)).toList();
            page.append("| ").append(rows.getFirst().name()).append(" |");
            List<ToDoubleFunction<ContinualResults>> measures = List.of(
                    ContinualResults::last,
                    ContinualResults::anytime,
                    ContinualResults::worstCase,
                    ContinualResults::forgetting,
                    ContinualResults::largestFall);
            measures.forEach(measure ->
                    page.append(cell(rows.stream().mapToDouble(measure).toArray())));
            page.append('\n');
        }
        return page.append("""

                - Final accuracy: over all ten classes at the end. Average anytime accuracy: over the classes seen so far, the mean
                  over all evaluations.
                - Worst-case accuracy: for each earlier task its lowest accuracy at any evaluation after its own training, for the newest
                  task its last; the mean over the tasks. It is what a user of an old class must expect.
                - Forgetting: for each earlier task its best accuracy at the end of any task, less its accuracy at the end; the mean.
                - Largest fall: of the accuracy on the classes seen so far, from one evaluation to the next within a task.
                """).toString();
    }

    private static String cell(double[] values) {
        return String.format(
                Locale.ROOT,
                " %.3f (%.3f to %.3f) |",
                DoubleStream.of(values).average().orElseThrow(),
                Arrays.stream(values).min().orElseThrow(),
                Arrays.stream(values).max().orElseThrow());
    }

    static void draw(List<ContinualResults> results) throws IOException {
        Picture.write(
                MeasuredPage.picture("continual"),
                680,
                LegendPosition.InsideSE,
                new Axis("trainer step", 0, 1_200, "#,##0"),
                new Axis("accuracy on the classes seen so far", 0.4, 1, "0.0"),
                results.stream().map(ContinualPage::line).toList());
    }

    private static Line line(ContinualResults result) {
        double[] seen = result.seen();
        return new Line(
                result.name(),
                IntStream.rangeClosed(1, seen.length)
                        .filter(i -> seen[i - 1] >= 0.4)
                        .mapToObj(i -> (double) ContinualResults.EVERY * i)
                        .toList(),
                Arrays.stream(seen).filter(accuracy -> accuracy >= 0.4).boxed().toList());
    }
}
