package dev.weir.cli.flips;

import dev.weir.operators.flip.ClassWeighting;
import dev.weir.operators.flip.FlipCounts;
import dev.weir.operators.flip.Interval;
import dev.weir.operators.flip.PoissonBootstrap;
import dev.weir.operators.flip.Proportion;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.function.Function;

/** Figures of flips whose intervals a bootstrap gives: those without a formula always, the others where examples are clustered. */
public enum FlipFigure {
    ACCURACY_OLD("accuracyOld", "accuracy, old", FlipCounts::accuracyOld),
    ACCURACY_NEW("accuracyNew", "accuracy, new", FlipCounts::accuracyNew),
    NET_GAIN("netGain", "net gain", total(FlipCounts::netGain), FlipCounts::netGainInterval),
    NFR("nfr", "negative flips (NFR)", FlipCounts::negativeFlipRate),
    PFR("pfr", "positive flips (PFR)", FlipCounts::positiveFlipRate),
    NFI("nfi", "share of errors (NFI)", FlipCounts::negativeFlipImpact),
    PFI("pfi", "share of successes (PFI)", FlipCounts::positiveFlipImpact),
    BTC("btc", "trust kept (BTC)", FlipCounts::trustCompatibility),
    BEC("bec", "errors kept (BEC)", FlipCounts::errorCompatibility),
    CHURN("churn", "predictions changed", FlipCounts::churn),
    RELATIVE_NFR("relativeNfr", "relative NFR", total(FlipCounts::relativeNegativeFlipRate), none()),
    POSITIVE_TO_NEGATIVE(
            "positiveToNegative", "positive to negative flips", total(FlipCounts::positiveToNegative), none()),
    POSITIVE_TO_NEGATIVE_SMOOTHED(
            "positiveToNegativeSmoothed",
            "the same, each + 1/2",
            total(counts -> OptionalDouble.of(counts.positiveToNegativeSmoothed())),
            none()),
    MACRO_NFR("macroNfr", "macro NFR", classes -> ClassWeighting.MACRO.negativeFlipRate(classes.values()), none()),
    ROOT_NFR(
            "rootNfr",
            "NFR, by roots of class sizes",
            classes -> ClassWeighting.ROOT.negativeFlipRate(classes.values()),
            none());

    /** An interval of counts at a confidence, for examples that are independent. */
    private interface Formula {
        Optional<Interval> of(FlipCounts counts, double confidence);
    }

    private final String key;
    private final String words;
    private final Function<SortedMap<Integer, FlipCounts>, OptionalDouble> of;
    private final Optional<Formula> formula;

    FlipFigure(String key, String words, Function<FlipCounts, Proportion> of) {
        this(
                key,
                words,
                total(counts -> of.apply(counts).value()),
                (counts, confidence) -> Optional.of(of.apply(counts).interval(confidence)));
    }

    FlipFigure(String key, String words, Function<SortedMap<Integer, FlipCounts>, OptionalDouble> of, Formula formula) {
        this(key, words, of, Optional.of(formula));
    }

    FlipFigure(
            String key,
            String words,
            Function<SortedMap<Integer, FlipCounts>, OptionalDouble> of,
            Optional<Formula> formula) {
        this.key = key;
        this.words = words;
        this.of = of;
        this.formula = formula;
    }

    /** Those that have no formula for their interval. */
    public static List<FlipFigure> withoutFormula() {
        return Arrays.stream(values())
                .filter(figure -> figure.formula.isEmpty())
                .toList();
    }

    /** Those that have one. */
    public static List<FlipFigure> withFormula() {
        return Arrays.stream(values())
                .filter(figure -> figure.formula.isPresent())
                .toList();
    }

    /** Its name in documents. */
    public String key() {
        return key;
    }

    /** Its name for people. */
    public String words() {
        return words;
    }

    /** Its value, by the counts of the true classes. */
    public Function<SortedMap<Integer, FlipCounts>, OptionalDouble> of() {
        return of;
    }

    /** The interval by its formula; empty where it has none, or none of these counts. */
    public Optional<Interval> interval(FlipCounts counts, double confidence) {
        return formula.flatMap(known -> known.of(counts, confidence));
    }

    private static Optional<Formula> none() {
        return Optional.empty();
    }

    private static Function<SortedMap<Integer, FlipCounts>, OptionalDouble> total(
            Function<FlipCounts, OptionalDouble> figure) {
        return classes -> figure.apply(PoissonBootstrap.total(classes));
    }
}
