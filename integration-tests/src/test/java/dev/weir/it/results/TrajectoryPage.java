package dev.weir.it.results;

import dev.weir.it.results.Picture.Axis;
import dev.weir.it.results.Picture.Line;
import dev.weir.it.results.TrajectoryResults.Curve;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.knowm.xchart.style.Styler.LegendPosition;

/** The page and the pictures of {@link TrajectoryResults}. */
final class TrajectoryPage {
    private static final int DIGITS = 3_000;
    /** Curves that are made while training runs; the others are made of what was kept. */
    private static final int RUNNING = 7;

    private TrajectoryPage() {}

    static String of(List<Curve> curves, List<Reconstruction> reconstructions) {
        StringBuilder page = new StringBuilder("""
                # Averages of one training run

                Written by `make operator-results`; `TrajectoryResultsIT` compares every number.

                A 784-64-10 network was trained by SGD at a constant rate on 7,000 digits of MNIST, with a checkpoint every 20 steps,
                60 of them; the 3,000 digits of this page were not trained with. A line shows what would be served if training had
                ended there: the average of the checkpoints up to that step.

                ![Accuracy by trainer step of seven averages that are made while training runs](pictures/trajectory.png)

                In the second half `ema` with a decay of 0.9, `swa` and `lawa` are above nearly every checkpoint, and smoother. `ema` with a
                decay of 0.97 still carries the first checkpoints, and a mean over all of them, as `schedule-free` is at a constant
                rate, does so for good. It takes the checkpoints of plain SGD for the sequence z of a schedule-free optimiser.

                ![Accuracy by trainer step of averages that are made of kept snapshots](pictures/trajectory-after.png)

                """);
        page.append("""
                `post-hoc-ema` makes its widths of at most %d snapshots of each of two `power-ema` channels, of the widths 0.05 and 0.1,
                evenly spaced up to that step. `lcsc` searches coefficients of the newest %d checkpoints (%d generations of %d
                candidates) by the log loss of the first %d training digits, every %d steps. The run was trained with these digits
                too: a search by them is weaker than by digits held out.

                ## Widths made afterwards

                Each against the average of that width that was folded from every checkpoint. The error of the profile is the length of the
                difference of the two vectors of effective weights, as a share of the true one's; it bounds the distance of
                the weights (Cauchy and Schwarz), which is far smaller because neighbouring checkpoints are alike.

                """.formatted(
                        TrajectoryResults.SNAPSHOTS,
                        TrajectoryResults.SEARCH_WINDOW,
                        Search.GENERATIONS,
                        Search.POPULATION,
                        TrajectoryResults.SEARCH_DIGITS,
                        TrajectoryResults.SEARCH_EVERY));
        page.append(
                        "| sigma-rel | snapshots | error of the profile | distance of the weights | its bound | accuracy | of the true one |\n")
                .append("|---|---|---|---|---|---|---|\n");
        reconstructions.forEach(row -> page.append(row(row)));
        page.append("\n## Accuracy by trainer step\n\n| step |");
        curves.forEach(curve -> page.append(' ').append(curve.name()).append(" |"));
        page.append("\n|---|").append("---|".repeat(curves.size())).append('\n');
        for (long step : steps(curves)) {
            page.append("| ").append(step).append(" |");
            for (Curve curve : curves) {
                Integer correct = curve.correct().get(step);
                page.append(correct == null ? " |" : String.format(Locale.ROOT, " %.4f |", (double) correct / DIGITS));
            }
            page.append('\n');
        }
        return page.toString();
    }

    private static String row(Reconstruction row) {
        return String.format(
                Locale.ROOT,
                "| %s | %d | %s | %.5f | %.5f | %.4f | %.4f |%n",
                row.sigmaRel(),
                row.snapshots(),
                row.profileError() < 1e-9 ? "below 1e-9" : String.format(Locale.ROOT, "%.4f", row.profileError()),
                row.weightsError(),
                row.weightsBound(),
                (double) row.correct() / DIGITS,
                (double) row.trueCorrect() / DIGITS);
    }

    static void draw(List<Curve> curves) throws IOException {
        draw("trajectory", curves.subList(0, RUNNING), 0.80);
        List<Curve> after = curves.subList(RUNNING, curves.size());
        draw("trajectory-after", List.of(curves.get(0), after.get(0), after.get(1), after.get(2), after.get(3)), 0.84);
    }

    private static void draw(String name, List<Curve> curves, double from) throws IOException {
        Picture.write(
                MeasuredPage.picture(name),
                680,
                LegendPosition.InsideSE,
                new Axis("trainer step", 0, 1_200, "#,##0"),
                new Axis("accuracy on 3,000 digits", from, 0.96, "0.00"),
                curves.stream().map(curve -> line(curve, from)).toList());
    }

    /** From the step on from which the line is in the picture for good. */
    private static Line line(Curve curve, double from) {
        List<Long> steps = curve.correct().keySet().stream().toList();
        List<Double> accuracies = curve.correct().values().stream()
                .map(correct -> (double) correct / DIGITS)
                .toList();
        int first = 0;
        for (int i = 0; i < accuracies.size(); i++) {
            first = accuracies.get(i) < from ? i + 1 : first;
        }
        return new Line(
                curve.name(),
                steps.subList(first, steps.size()).stream()
                        .map(Long::doubleValue)
                        .collect(Collectors.toList()),
                accuracies.subList(first, accuracies.size()));
    }

    private static SortedSet<Long> steps(List<Curve> curves) {
        SortedSet<Long> steps = new TreeSet<>();
        curves.forEach(curve -> steps.addAll(curve.correct().keySet()));
        return steps;
    }
}
