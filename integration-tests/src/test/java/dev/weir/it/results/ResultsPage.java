package dev.weir.it.results;

import dev.weir.it.results.Picture.Axis;
import dev.weir.it.results.Picture.Line;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.knowm.xchart.style.Styler.LegendPosition;

/** The page of the table. */
final class ResultsPage {
    private static final int COLUMNS = 10;
    private static final int CONCENTRATION_DIGITS = 500;

    private ResultsPage() {}

    static String of(List<Row> rows, List<Tradeoff> tradeoffs, List<FisherResults> fishers) throws IOException {
        return head(rows) + interpolations(tradeoffs) + fishers(fishers);
    }

    private static String head(List<Row> rows) {
        return """
                # Operators on a real data update

                Written by `make operator-results`; `OperatorResultsIT` compares every number but the last column.

                The models are 784-64-10 networks: `old` was trained on 1,000 digits of MNIST, `run0` to `run7` from it on 7,000.
                All are evaluated on 3,000 other digits; flips are against `old`. The runs were merged by `weir merge`, with
                defaults where no setting is named.

                - Scores for `greedy-soup` and `diwa-greedy` are accuracies on the first %,d training digits; the coefficients of
                  `learned-soup` come from %d steps of Adam on the log loss of the first %,d. The runs were trained on these
                  digits too: a choice by them is weaker than by digits held out.
                - Fishers are diagonal, exact over the classes, of the first %,d training digits.
                - Training digits: how many were looked at, each as often as it was, to choose settings or to make Fishers.
                - Merges: how often `weir merge` ran, and for how long together, within one process. The time
                  is of one machine on one day, and the first runs of the process load its classes.

                | operator | of | accuracy | NFR | negative flips | positive flips | models | training digits | merges | ms |
                |---|---|---|---|---|---|---|---|---|---|
                """.formatted(
                        OperatorResults.SCORE_DIGITS,
                        LearnedSoup.UPDATES,
                        OperatorResults.LEARN_DIGITS,
                        OperatorResults.FISHER_DIGITS)
                .concat(rows.stream().map(row -> row.markdown() + "\n").collect(Collectors.joining()));
    }

    private static String interpolations(List<Tradeoff> tradeoffs) {
        StringBuilder page = new StringBuilder("""

                ## From the old model to the new

                ![Accuracy against negative flips of three interpolations](pictures/tradeoff.png)

                Each line goes from `old` (no flips) to the new model, which is `run0`, or for `soup-bcwi` the mean of all runs. Higher and
                further left is better: the mean of several runs gives both at once. Accuracy, then negative flips:

                """);
        page.append("| new-weight |");
        tradeoffs.forEach(tradeoff -> page.append(" `").append(tradeoff.name()).append("` |"));
        page.append("\n|---|").append("---|".repeat(tradeoffs.size())).append('\n');
        for (int i = 0; i < tradeoffs.getFirst().rows().size(); i++) {
            int number = i;
            page.append("| ")
                    .append(tradeoffs.getFirst().rows().get(i).what().replace("new-weight=", ""))
                    .append(" |");
            tradeoffs.forEach(tradeoff -> {
                Row row = tradeoff.rows().get(number);
                page.append(String.format(Locale.ROOT, " %.4f, %d |", row.accuracy(), row.negativeFlips()));
            });
            page.append('\n');
        }
        return page.toString();
    }

    private static String fishers(List<FisherResults> fishers) throws IOException {
        StringBuilder page = new StringBuilder("""

                ## Why Fisher merging is no better than the soup here

                Fisher merging weighs each element of each model by an estimate. Where the estimates are noisy, or differ much between
                runs that learned the same, an element is taken from few models, and the averaging that makes the soup good is lost. The
                effective number of models, (sum w)^2 / sum w^2, is %d if all count alike:

                | Fisher | of digits | floor | effective models | accuracy | negative flips |
                |---|---|---|---|---|---|
                """.formatted(OperatorResults.RUNS.size()));
        for (FisherResults result : fishers) {
            page.append(String.format(
                    Locale.ROOT,
                    "| %s | %,d | %s | %.2f | %.4f | %d |%n",
                    result.kind(),
                    result.digits(),
                    result.floor(),
                    result.effectiveModels(),
                    result.row().accuracy(),
                    result.row().negativeFlips()));
        }
        return page.append("""

                The empirical Fisher squares the gradient at the true label, which is near 0 for a digit that the model is sure of and right:
                half of its sum over all elements comes from %d of the %,d first digits (`run0`), half of the exact one's from %d. The exact
                Fisher, sum_y p(y) (d log p(y) / d theta)^2, has every class of every digit in it, and more digits make it steadier.
                A higher floor makes the unimportant elements a plain mean.

                What remains is the method's premise: it is for models of different tasks, of which different elements are important. Runs of
                one task from one base have no such difference, and equal weights are hard to beat. `fisher-bcwi` has two models of which
                the old one knows less: with these Fishers it is a little above `bcwi` in the middle of its line.
                """.formatted(
                                FisherResults.decisiveDigits(CONCENTRATION_DIGITS, false),
                                CONCENTRATION_DIGITS,
                                FisherResults.decisiveDigits(CONCENTRATION_DIGITS, true)))
                .toString();
    }

    static void draw(List<Tradeoff> tradeoffs) throws IOException {
        Picture.write(
                MeasuredPage.picture("tradeoff"),
                680,
                LegendPosition.InsideSE,
                new Axis("negative flips against the old model, of 3,000 digits", 0, 50, "0"),
                new Axis("accuracy", 0.88, 0.95, "0.00"),
                tradeoffs.stream()
                        .map(tradeoff -> new Line(
                                tradeoff.name(),
                                tradeoff.rows().stream()
                                        .map(row -> (double) row.negativeFlips())
                                        .toList(),
                                tradeoff.rows().stream().map(Row::accuracy).toList()))
                        .toList());
    }

    /** A page without the last column of its first table, which a clock said. */
    static String measured(String page) {
        return page.lines()
                .map(line -> line.startsWith("| ")
                                && line.chars().filter(c -> c == '|').count() == COLUMNS + 1
                        ? line.substring(0, line.lastIndexOf('|', line.length() - 2) + 1)
                        : line)
                .collect(Collectors.joining("\n"));
    }
}
