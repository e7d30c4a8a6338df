package dev.weir.operators.choice;

import dev.weir.operators.setting.Setting;
import dev.weir.operators.setting.Settings;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The rules, by name. */
public final class Rules {

    static final String VOTE_N_RANK = "Vote'n'Rank: Revision of Benchmarking with Social Choice Theory";
    static final String VOTE_N_RANK_REFERENCE = "Rofin et al. 2023, arXiv:2210.05769, section 3";

    private static final List<RuleSpec> ALL = List.of(
            MeanScore.SPEC,
            OptimalityGap.SPEC,
            Plurality.SPEC,
            Borda.SPEC,
            Dowdall.SPEC,
            Copeland.SPEC,
            Minimax.SPEC,
            Threshold.SPEC,
            Baldwin.SPEC,
            Condorcet.SPEC,
            CondorcetWeights.SPEC,
            RankSum.SPEC,
            TwoLevelRankSum.SPEC,
            Kemeny.SPEC,
            Buckets.SPEC,
            NashAveraging.SPEC);

    private Rules() {}

    public static List<RuleSpec> all() {
        return ALL;
    }

    /**
     * The rule of that name with these settings.
     *
     * @throws IllegalArgumentException for an unknown rule, or settings that it refuses
     */
    public static RankingRule create(String name, Map<String, ?> settings) {
        return ALL.stream()
                .filter(spec -> spec.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("rule " + name + ": unknown; allowed: "
                        + ALL.stream().map(RuleSpec::name).collect(Collectors.joining(", "))))
                .create(settings);
    }

    /** A rule of Vote'n'Rank. */
    static RuleSpec vote(String name, String formula, List<Setting> settings, Function<Settings, RankingRule> factory) {
        return new RuleSpec(name, "D2", VOTE_N_RANK, VOTE_N_RANK_REFERENCE, formula, settings, factory);
    }
}
