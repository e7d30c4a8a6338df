package dev.weir.topology.compatibility;

import dev.weir.operators.flip.FlipCounts;
import dev.weir.schemas.record.SearchProposal;
import dev.weir.schemas.record.Subject;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** A search for a weight: its rungs, and which of them the evaluations choose. */
record Search(SearchProposal proposal) {
    /** One version of the search. */
    record Rung(Subject subject, double newWeight, FlipCounts counts) {}

    Subject rung(int index) {
        return new Subject(proposal.getChannel(), proposal.getVersions().get(index));
    }

    /** Whether every rung fulfils the condition. */
    boolean all(Predicate<Subject> condition) {
        return IntStream.range(0, proposal.getVersions().size())
                .mapToObj(this::rung)
                .allMatch(condition);
    }

    /** The rungs with their counts, ascending. */
    List<Rung> rungs(Function<Subject, FlipCounts> counts) {
        return IntStream.range(0, proposal.getVersions().size())
                .mapToObj(i -> new Rung(rung(i), proposal.getNewWeights().get(i), counts.apply(rung(i))))
                .toList();
    }

    /**
     * With a budget: the largest weight with at most so many negative flips; the smallest weight if none keeps it. Without:
     * the smallest weight whose accuracy is not below that of the largest weight.
     */
    Rung choose(List<Rung> rungs) {
        if (proposal.getFlipBudget() >= 0) {
            return rungs.reversed().stream()
                    .filter(rung -> rung.counts().negative() <= proposal.getFlipBudget())
                    .findFirst()
                    .orElse(rungs.get(0));
        }
        long right = right(rungs.get(rungs.size() - 1));
        return rungs.stream().filter(rung -> right(rung) >= right).findFirst().orElseThrow();
    }

    /** The rule, for the record. */
    Map<String, Object> rule() {
        return proposal.getFlipBudget() >= 0
                ? Map.of("rule", "largest new-weight within the flip budget", "flipBudget", proposal.getFlipBudget())
                : Map.of("rule", "smallest new-weight that keeps the new model's accuracy");
    }

    private static long right(Rung rung) {
        return rung.counts().bothRight() + rung.counts().positive();
    }
}
