package dev.weir.it.results;

import java.util.List;
import java.util.stream.Collectors;

/** The page of the table. */
final class ResultsPage {

    private ResultsPage() {}

    static String of(List<Row> rows) {
        return """
                # Operators on a real data update

                Written by `make operator-results`; `OperatorResultsIT` compares every number but the last column.

                The models are 784-64-10 networks: `old` was trained on 1,000 digits of MNIST, `run0` to `run7` from it on 7,000.
                All are evaluated on 3,000 other digits; flips are against `old`. The runs were merged by `weir merge`, with
                defaults where no setting is named.

                - Scores for `greedy-soup` and `diwa-greedy` are accuracies on the first %,d training digits; the coefficients of
                  `learned-soup` come from %d steps of Adam on the log loss of the first %,d. The runs were trained on these
                  digits too: a choice by them is weaker than by digits held out.
                - Fishers are diagonal and empirical, of the first %d training digits.
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

    /** The rows of a page, without the last column. */
    static List<String> measured(String page) {
        return page.lines()
                .filter(line -> line.startsWith("| "))
                .skip(1)
                .map(line -> line.substring(0, line.lastIndexOf('|', line.length() - 2) + 1))
                .toList();
    }
}
