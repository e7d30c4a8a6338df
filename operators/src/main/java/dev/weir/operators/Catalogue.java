package dev.weir.operators;

import dev.weir.operators.choice.Rules;
import dev.weir.operators.merge.Merges;
import dev.weir.operators.merge.Searches;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Every operator there is, those of streams, of models at hand and of evaluations, in the order of their entries. */
public final class Catalogue {
    private static final List<Spec> ALL = Stream.<Stream<? extends Spec>>of(
                    Operators.all().stream(),
                    Merges.all().stream(),
                    Searches.all().stream(),
                    Rules.all().stream(),
                    Methods.all().stream())
            .<Spec>flatMap(specs -> specs)
            .sorted(Comparator.comparing(Spec::family)
                    .thenComparing(spec -> spec.id().length() == 1
                            ? 0
                            : Integer.parseInt(spec.id().substring(1))))
            .toList();

    private Catalogue() {}

    public static List<Spec> all() {
        return ALL;
    }

    /** @throws IllegalArgumentException for an unknown name; the message lists those that merge */
    public static Spec spec(String name) {
        return ALL.stream()
                .filter(spec -> spec.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("operator " + name + ": unknown; allowed: "
                        + ALL.stream()
                                .filter(spec -> spec.call().startsWith("weir merge"))
                                .map(Spec::name)
                                .collect(Collectors.joining(", "))));
    }
}
