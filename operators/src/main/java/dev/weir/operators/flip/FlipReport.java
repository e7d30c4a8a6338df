package dev.weir.operators.flip;

import dev.weir.operators.Facts;
import dev.weir.operators.MethodSpec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The flips between two models, tested. Rates and their intervals come from the counts, at {@code confidence}.
 *
 * @param confidence of every interval, between 0 and 1
 * @param total of all examples
 * @param test of the total
 * @param classes by true class, ascending
 * @param slices by name, ascending
 */
public record FlipReport(double confidence, FlipTally total, Test test, List<ClassRow> classes, List<SliceRow> slices) {

    /** As people name it. */
    public static final MethodSpec SPEC = new MethodSpec(
            "flips",
            "N",
            "Positive-Congruent Training: Towards Regression-Free Model Updates",
            "Yan et al. 2021, arXiv:2011.09161, equation 1; Schumann et al. 2023, arXiv:2301.10546",
            List.of(),
            Facts.ofEvaluations(
                    "counts over two sets of predictions",
                    "NFR = n10 / n, PFR = n01 / n, NFI = n10 / (n10 + n00), n_oc by whether old and new are right",
                    "predictions",
                    "Before a model replaces another: which answers were right and are wrong now, with intervals and tests."
                            + " A third file is another candidate against the same old model. A column cluster says which"
                            + " examples hang together. The bounds of the NFR at every look may be read after each example;"
                            + " the other intervals hold for a number of examples that was fixed before."),
            "weir flips",
            true);

    /**
     * McNemar's test of as many cases of one kind as of the other, such as positive and negative flips.
     *
     * @param exact the exact p-value
     * @param midP the mid-p value
     */
    public record Test(double exact, double midP) {

        static Test of(FlipCounts counts) {
            return of(counts.positive(), counts.negative());
        }

        static Test of(long one, long other) {
            return new Test(McNemar.exact(one, other), McNemar.midP(one, other));
        }
    }

    /**
     * The examples of one true class.
     *
     * @param label the class
     * @param counts its examples
     * @param test of these
     * @param holm the exact p-value, adjusted for as many tests as there are classes
     */
    public record ClassRow(int label, FlipCounts counts, Test test, double holm) {}

    /**
     * The examples of one slice.
     *
     * @param slice its name
     * @param tally its examples
     * @param test of the labelled ones
     * @param holm the exact p-value, adjusted for as many tests as there are slices
     */
    public record SliceRow(String slice, FlipTally tally, Test test, double holm) {}

    public FlipReport {
        Normal.twoSided(confidence);
        classes = List.copyOf(classes);
        slices = List.copyOf(slices);
    }

    /** The report on a table at a confidence between 0 and 1. */
    public static FlipReport of(FlipTable table, double confidence) {
        return new FlipReport(
                confidence, table.total(), Test.of(table.total().labelled()), classRows(table), sliceRows(table));
    }

    /** The interval of a proportion at this report's confidence. */
    public Interval interval(Proportion proportion) {
        return proportion.interval(confidence);
    }

    /**
     * Bounds of the NFR at this report's confidence that hold however often one looks while examples come in, and whenever one stops;
     * the examples must come in an order that says nothing of the models.
     */
    public Interval negativeFlipRateAtEveryLook() {
        Proportion rate = total.labelled().negativeFlipRate();
        return ConfidenceSequence.interval(rate.successes(), rate.trials(), confidence);
    }

    /** The mean over the classes of their NFR. */
    public OptionalDouble macroNegativeFlipRate() {
        return classes.stream()
                .flatMapToDouble(row -> row.counts().negativeFlipRate().value().stream())
                .average();
    }

    /** The class of the highest NFR, and of these the lowest. */
    public Optional<ClassRow> worstClass() {
        Comparator<ClassRow> byRate = Comparator.comparingDouble(
                row -> row.counts().negativeFlipRate().value().orElse(0));
        return classes.stream()
                .max(byRate.thenComparing(
                        Comparator.comparingInt(ClassRow::label).reversed()));
    }

    private static List<ClassRow> classRows(FlipTable table) {
        List<Test> tests = table.classes().values().stream().map(Test::of).toList();
        double[] holm = Holm.adjust(tests.stream().mapToDouble(Test::exact).toArray());
        List<ClassRow> rows = new ArrayList<>();
        for (Map.Entry<Integer, FlipCounts> entry : table.classes().entrySet()) {
            int at = rows.size();
            rows.add(new ClassRow(entry.getKey(), entry.getValue(), tests.get(at), holm[at]));
        }
        return rows;
    }

    private static List<SliceRow> sliceRows(FlipTable table) {
        List<Test> tests = table.slices().values().stream()
                .map(tally -> Test.of(tally.labelled()))
                .toList();
        double[] holm = Holm.adjust(tests.stream().mapToDouble(Test::exact).toArray());
        List<SliceRow> rows = new ArrayList<>();
        for (Map.Entry<String, FlipTally> entry : table.slices().entrySet()) {
            int at = rows.size();
            rows.add(new SliceRow(entry.getKey(), entry.getValue(), tests.get(at), holm[at]));
        }
        return rows;
    }
}
