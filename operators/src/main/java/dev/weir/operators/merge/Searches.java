package dev.weir.operators.merge;

import dev.weir.operators.SearchSpec;
import java.util.List;

/** Every search over combinations of models that a channel holds. */
public final class Searches {
    private static final List<SearchSpec> ALL = List.of(
            LcscSearch.SPEC,
            SwadSearch.SPEC,
            GreedySoupSearch.SPEC,
            LearnedSoupSearch.SPEC,
            GreedySoupSearch.DIWA,
            LayerWiseSearch.SPEC);

    private Searches() {}

    public static List<SearchSpec> all() {
        return ALL;
    }
}
