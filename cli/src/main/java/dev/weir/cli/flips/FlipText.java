package dev.weir.cli.flips;

import dev.weir.operators.flip.Changes;
import dev.weir.operators.flip.FlipCounts;
import dev.weir.operators.flip.FlipReport;
import dev.weir.operators.flip.Interval;
import dev.weir.operators.flip.PairedFlips;
import dev.weir.operators.flip.PoissonBootstrap;
import dev.weir.operators.flip.Proportion;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/** A flip report as text. What is undefined is a dash. */
public final class FlipText {

    private static final String TOTAL_ROW = "%-26s %10s  %-22s %s";
    private static final String FIGURE_ROW = "%-28s %8s  %-22s %s";
    private static final String ROW = "%10s %8s %8s %9s %9s %8s  %-18s %8s %10s %10s  %s";

    private final FlipReport report;
    private final PrintWriter out;

    private FlipText(FlipReport report, PrintWriter out) {
        this.report = report;
        this.out = out;
    }

    /** Prints the report. */
    public static void print(FlipReport report, PrintWriter out) {
        FlipText text = new FlipText(report, out);
        text.total();
        text.classes();
        text.slices();
    }

    /** Prints what a bootstrap says: of the figures without a formula and, where examples are clustered, of the others. */
    public static void print(FlipComparison comparison, FlipReport report, PrintWriter out) {
        FlipText text = new FlipText(report, out);
        comparison.bootstrap().ifPresent(bootstrap -> {
            comparison.clusters().ifPresent(clusters -> text.clusters(clusters, comparison, bootstrap));
            out.println();
            text.figures(FlipFigure.withoutFormula(), comparison, bootstrap);
        });
        comparison.rival().ifPresent(rival -> text.paired(rival.flips()));
    }

    private void clusters(Clusters clusters, FlipComparison comparison, PoissonBootstrap bootstrap) {
        out.println();
        out.println(clusters.count() + " clusters, " + clusters.replicates() + " replicates; the largest has "
                + clusters.largest() + " examples, " + clusters.alone() + " examples stand alone");
        line(FIGURE_ROW, "", "VALUE", "BY CLUSTER", "AS IF INDEPENDENT");
        figures(FlipFigure.withFormula(), comparison, bootstrap);
    }

    private void figures(List<FlipFigure> figures, FlipComparison comparison, PoissonBootstrap bootstrap) {
        for (FlipFigure figure : figures) {
            Optional<PoissonBootstrap.Estimate> estimate = bootstrap.interval(figure.of(), report.confidence());
            Optional<Interval> formula = figure.interval(report.total().labelled(), report.confidence());
            line(
                    FIGURE_ROW,
                    figure.words(),
                    number(figure.of().apply(comparison.table().classes())),
                    estimate.filter(PoissonBootstrap.Estimate::varies)
                            .map(found -> interval(found.bounds()))
                            .orElse("-"),
                    formula.map(FlipText::interval).orElse("")
                            + estimate.filter(found -> found.undefined() > 0)
                                    .map(found -> " undefined in " + found.undefined() + " replicates")
                                    .orElse(""));
        }
    }

    private void paired(PairedFlips flips) {
        out.println();
        line(TOTAL_ROW, "", "VALUE", "INTERVAL (" + percent(report.confidence()) + ")", "COUNTS");
        share("NFR, new", flips.first().negativeFlipRate());
        share("NFR, other", flips.second().negativeFlipRate());
        line(
                TOTAL_ROW,
                "new less other",
                number(flips.difference()),
                flips.differenceInterval(report.confidence())
                        .map(FlipText::interval)
                        .orElse("-"),
                flips.onlyFirst() + " by new alone, " + flips.onlySecond() + " by other alone, " + flips.both()
                        + " by both");
        line(
                TOTAL_ROW,
                "NFI against the other's",
                number(flips.first().negativeFlipImpactAgainst(flips.second())),
                "",
                "");
        line(TOTAL_ROW, "McNemar, exact p", p(flips.test().exact()), "", "");
        line(TOTAL_ROW, "McNemar, mid-p", p(flips.test().midP()), "", "");
    }

    private void total() {
        FlipCounts counts = report.total().labelled();
        line(TOTAL_ROW, "", "VALUE", "INTERVAL (" + percent(report.confidence()) + ")", "COUNTS");
        share("accuracy, old", counts.accuracyOld());
        share("accuracy, new", counts.accuracyNew());
        line(
                TOTAL_ROW,
                "net gain",
                number(counts.netGain()),
                counts.netGainInterval(report.confidence())
                        .map(FlipText::interval)
                        .orElse("-"),
                "");
        share("negative flips (NFR)", counts.negativeFlipRate());
        line(TOTAL_ROW, "NFR, at every look", "", interval(report.negativeFlipRateAtEveryLook()), "");
        share("positive flips (PFR)", counts.positiveFlipRate());
        share("share of errors (NFI)", counts.negativeFlipImpact());
        share("share of successes (PFI)", counts.positiveFlipImpact());
        line(TOTAL_ROW, "relative NFR", number(counts.relativeNegativeFlipRate()), "", "");
        share("trust kept (BTC)", counts.trustCompatibility());
        share("errors kept (BEC)", counts.errorCompatibility());
        share("predictions changed", counts.churn());
        Changes unlabelled = report.total().unlabelled();
        share("changed, without labels", unlabelled.churn());
        line(TOTAL_ROW, "macro NFR", number(report.macroNegativeFlipRate()), "", worst());
        line(TOTAL_ROW, "McNemar, exact p", p(report.test().exact()), "", "");
        line(TOTAL_ROW, "McNemar, mid-p", p(report.test().midP()), "", "");
    }

    private String worst() {
        Optional<FlipReport.ClassRow> worst = report.worstClass();
        return worst.map(row -> "worst class " + row.label()).orElse("");
    }

    private void share(String name, Proportion proportion) {
        line(
                TOTAL_ROW,
                name,
                number(proportion.value()),
                interval(report.interval(proportion)),
                proportion.successes() + "/" + proportion.trials());
    }

    private void classes() {
        if (!report.classes().isEmpty()) {
            heading("CLASS");
        }
        for (FlipReport.ClassRow row : report.classes()) {
            row(row.counts(), 0, row.test(), row.holm(), Integer.toString(row.label()));
        }
    }

    private void slices() {
        if (!report.slices().isEmpty()) {
            heading("SLICE");
        }
        for (FlipReport.SliceRow row : report.slices()) {
            FlipCounts labelled = row.tally().labelled();
            row(labelled, row.tally().unlabelled().examples(), row.test(), row.holm(), row.slice());
        }
    }

    private void heading(String name) {
        out.println();
        line(
                ROW,
                "LABELLED",
                "NEGATIVE",
                "POSITIVE",
                "ACC. OLD",
                "ACC. NEW",
                "NFR",
                "INTERVAL",
                "NFI",
                "EXACT P",
                "HOLM P",
                name);
    }

    private void row(FlipCounts counts, long unlabelled, FlipReport.Test test, double holm, String name) {
        line(
                ROW,
                counts.total(),
                counts.negative(),
                counts.positive(),
                number(counts.accuracyOld().value()),
                number(counts.accuracyNew().value()),
                number(counts.negativeFlipRate().value()),
                interval(report.interval(counts.negativeFlipRate())),
                number(counts.negativeFlipImpact().value()),
                p(test.exact()),
                p(holm),
                unlabelled == 0 ? name : name + " (and " + unlabelled + " without a label)");
    }

    private void line(String format, Object... cells) {
        out.println(String.format(Locale.ROOT, format, cells).stripTrailing());
    }

    private static String number(OptionalDouble value) {
        return value.isPresent() ? String.format(Locale.ROOT, "%.4f", value.getAsDouble()) : "-";
    }

    private static String interval(Interval interval) {
        return String.format(Locale.ROOT, "%.4f to %.4f", interval.lower(), interval.upper());
    }

    private static String p(double value) {
        if (value == 0) {
            return "< 1e-300";
        }
        return String.format(Locale.ROOT, value < 0.0001 ? "%.2e" : "%.4f", value);
    }

    private static String percent(double confidence) {
        return new BigDecimal(Double.toString(confidence))
                        .movePointRight(2)
                        .stripTrailingZeros()
                        .toPlainString()
                + " %";
    }
}
