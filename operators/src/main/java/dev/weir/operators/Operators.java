package dev.weir.operators;

import dev.weir.operators.merge.Searches;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Every operator that folds a stream; those that merge models at hand are in {@link dev.weir.operators.merge.Merges}. */
public final class Operators {
    private static final List<OperatorSpec> ALL = List.of(
            Ema.SPEC,
            Swa.SPEC,
            Bcwi.SPEC,
            Aswa.SPEC,
            Naswa.SPEC,
            Swag.SPEC,
            OnlineEnsemble.SPEC,
            SwitchEma.SPEC,
            PowerEma.SPEC,
            Lawa.SPEC,
            WindowedSwa.SPEC,
            ScheduleFree.SPEC,
            Sma.SPEC,
            Wakd.SPEC,
            CottaTeacher.SPEC,
            CottaRestore.SPEC,
            ConsistencyTeacher.SPEC,
            WeightCentre.SPEC,
            Kalman.SPEC,
            UniformSoup.SPEC,
            Diwa.SPEC,
            Ratatouille.SPEC,
            Fusing.SPEC,
            ModelStock.SPEC,
            FisherMerging.SPEC,
            GradientMatching.SPEC,
            SparseSoup.SPEC,
            Dcwa.SPEC);

    private Operators() {}

    public static List<OperatorSpec> all() {
        return ALL;
    }

    /**
     * @param name name of an operator
     * @param settings its settings; those left out keep their defaults
     * @throws IllegalArgumentException for an unknown operator or setting, or a value out of range
     */
    public static Operator create(String name, Map<String, ?> settings) {
        for (SearchSpec search : Searches.all()) {
            if (search.name().equals(name)) {
                return search.create(settings);
            }
        }
        return spec(name).create(settings);
    }

    /** @throws IllegalArgumentException for an unknown name; the message lists the known ones */
    public static OperatorSpec spec(String name) {
        return ALL.stream()
                .filter(spec -> spec.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("operator " + name + ": unknown; allowed: "
                        + Stream.<Spec>concat(ALL.stream(), Searches.all().stream())
                                .map(Spec::name)
                                .collect(Collectors.joining(", "))));
    }
}
