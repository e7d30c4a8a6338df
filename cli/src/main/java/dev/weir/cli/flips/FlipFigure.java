package dev.weir.cli.flips;

import dev.weir.operators.flip.ClassWeighting;
import dev.weir.operators.flip.FlipCounts;
import dev.weir.operators.flip.PoissonBootstrap;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.function.Function;

/** Figures of flips whose intervals come from a bootstrap. */
public enum FlipFigure {
    RELATIVE_NFR("relativeNfr", "relative NFR", total(FlipCounts::relativeNegativeFlipRate)),
    POSITIVE_TO_NEGATIVE("positiveToNegative", "positive to negative flips", total(FlipCounts::positiveToNegative)),
    POSITIVE_TO_NEGATIVE_SMOOTHED(
            "positiveToNegativeSmoothed",
            "the same, each + 1/2",
            total(counts -> OptionalDouble.of(counts.positiveToNegativeSmoothed()))),
    MACRO_NFR("macroNfr", "macro NFR", classes -> ClassWeighting.MACRO.negativeFlipRate(classes.values())),
    ROOT_NFR(
            "rootNfr",
            "NFR, by roots of class sizes",
            classes -> ClassWeighting.ROOT.negativeFlipRate(classes.values()));

    private final String key;
    private final String words;
    private final Function<SortedMap<Integer, FlipCounts>, OptionalDouble> of;

    FlipFigure(String key, String words, Function<SortedMap<Integer, FlipCounts>, OptionalDouble> of) {
        this.key = key;
        this.words = words;
        this.of = of;
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

    private static Function<SortedMap<Integer, FlipCounts>, OptionalDouble> total(
            Function<FlipCounts, OptionalDouble> figure) {
        return classes -> figure.apply(PoissonBootstrap.total(classes));
    }
}
