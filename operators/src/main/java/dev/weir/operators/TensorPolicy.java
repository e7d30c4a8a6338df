package dev.weir.operators;

import dev.weir.schemas.tensor.TensorSpec;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** What becomes of a tensor in a snapshot. Integer and bool tensors are never averaged: average copies them. */
public enum TensorPolicy {
    /** The operator's average; the newest value for integer and bool tensors. */
    AVERAGE,
    /** The value of the newest checkpoint that entered. */
    COPY_LATEST,
    /** The value of the first checkpoint that entered. */
    FREEZE,
    /** Not in the snapshot. */
    SKIP;

    /** As plans spell it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** @throws IllegalArgumentException for an unknown label */
    public static TensorPolicy of(String label) {
        for (TensorPolicy policy : values()) {
            if (policy.label().equals(label)) {
                return policy;
            }
        }
        throw new IllegalArgumentException(
                "policy " + label + ": unknown; allowed: average, copy-latest, freeze, skip");
    }

    /**
     * A policy for the tensors whose names match.
     *
     * @param pattern glob over the whole name: {@code *} any run of characters, {@code ?} one
     * @param policy what becomes of them
     */
    public record Rule(String pattern, TensorPolicy policy) {
        /** Whether the rule is for that tensor. */
        public boolean matches(String tensor) {
            String regex = Pattern.quote(pattern).replace("*", "\\E.*\\Q").replace("?", "\\E.\\Q");
            return tensor.matches(regex);
        }
    }

    /** Patterns that are for none of these tensors. */
    public static List<String> unmatched(List<TensorSpec> tensors, List<Rule> rules) {
        return rules.stream()
                .filter(rule -> tensors.stream().noneMatch(tensor -> rule.matches(tensor.name())))
                .map(Rule::pattern)
                .toList();
    }

    /** The policy of the first rule that matches, AVERAGE if none does; averaging a tensor of no float dtype copies it. */
    public static TensorPolicy of(TensorSpec tensor, List<Rule> rules) {
        TensorPolicy policy = rules.stream()
                .filter(rule -> rule.matches(tensor.name()))
                .map(Rule::policy)
                .findFirst()
                .orElse(AVERAGE);
        return policy == AVERAGE && !tensor.dtype().isFloat() ? COPY_LATEST : policy;
    }
}
