package dev.weir.cli.experts;

import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Experts of one base, with embeddings of one length.
 *
 * <p>Source: Yadav et al., A Survey on Model MoErging (2024), section 2: experts are shared with what a router needs to know of them.
 *
 * @param experts by name
 */
public record ExpertRegistry(SortedMap<String, Expert> experts) {

    public static final ExpertRegistry EMPTY = new ExpertRegistry(Collections.emptySortedMap());

    /**
     * An expert and what it was given for.
     *
     * @param score cosine similarity of its embedding and the query
     */
    public record Scored(Expert expert, double score) {}

    /** @throws IllegalArgumentException if an expert is of another base or length than the first */
    public ExpertRegistry {
        experts = Collections.unmodifiableSortedMap(new TreeMap<>(experts));
        for (Expert expert : experts.values()) {
            requireAlike(expert, experts.values().iterator().next());
        }
    }

    /** @throws IllegalArgumentException if two have one name, or one is of another base or length than the first by name */
    static ExpertRegistry of(Collection<Expert> experts) {
        SortedMap<String, Expert> byName = new TreeMap<>();
        experts.forEach(expert -> {
            if (byName.put(expert.name(), expert) != null) {
                throw new IllegalArgumentException(
                        "expert " + expert.name() + ": is there twice; allowed: names of one expert each");
            }
        });
        return new ExpertRegistry(byName);
    }

    /**
     * This registry with another expert.
     *
     * @param replace whether one of that name gives way
     * @throws IllegalArgumentException if one of that name is there, or its base or the length of its embedding is another
     */
    public ExpertRegistry with(Expert expert, boolean replace) {
        SortedMap<String, Expert> all = new TreeMap<>(experts);
        if (all.put(expert.name(), expert) != null && !replace) {
            throw new IllegalArgumentException(
                    "expert " + expert.name() + ": is there already; allowed: another name; use --replace");
        }
        Expert other = all.values().stream()
                .filter(one -> !one.name().equals(expert.name()))
                .findFirst()
                .orElse(expert);
        requireAlike(expert, other);
        return new ExpertRegistry(all);
    }

    /**
     * The experts nearest to a query, the nearest first; of equals, the first by name.
     *
     * @param query as long as the embeddings
     * @param top how many at most, 1 or more
     * @throws IllegalArgumentException if the query is of another length or has no direction, or there are no experts
     */
    public List<Scored> nearest(List<Double> query, int top) {
        if (experts.isEmpty()) {
            throw new IllegalArgumentException("registry: has no experts; allowed: one at least; use weir experts add");
        }
        int length = experts.values().iterator().next().embedding().size();
        if (query.size() != length || !Expert.isDirection(query)) {
            throw new IllegalArgumentException("query: " + query + "; allowed: " + length
                    + " finite numbers, as the experts' embeddings, not all 0");
        }
        return experts.values().stream()
                .map(expert -> new Scored(expert, expert.similarity(query)))
                .sorted(Comparator.comparingDouble(Scored::score).reversed())
                .limit(top)
                .toList();
    }

    private static void requireAlike(Expert expert, Expert other) {
        if (!expert.base().equals(other.base())) {
            throw new IllegalArgumentException("expert " + expert.name() + ": has base " + said(expert.base())
                    + "; allowed: that of expert " + other.name() + ", " + said(other.base()));
        }
        if (expert.embedding().size() != other.embedding().size()) {
            throw new IllegalArgumentException("expert " + expert.name() + ": has an embedding of "
                    + expert.embedding().size()
                    + " numbers; allowed: as many as expert " + other.name() + ", "
                    + other.embedding().size());
        }
    }

    private static String said(String base) {
        return base.isEmpty() ? "none" : base;
    }
}
