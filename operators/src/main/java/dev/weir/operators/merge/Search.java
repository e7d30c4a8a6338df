package dev.weir.operators.merge;

import java.util.List;

/**
 * A search over combinations of models that are held: a pure function of the scores so far, asked anew whenever all
 * candidates that it named are scored or given up. Scores that are given for the same candidates in another order of time are the same
 * list, so what it chooses depends on nothing else.
 */
public interface Search {
    /** How many models it combines, 2 or more. */
    int models();

    /** Name of the side input that is a candidate's score. */
    String score();

    /** Whether only the first checkpoint of each run is one of the models. */
    default boolean oncePerRun() {
        return false;
    }

    /**
     * What comes after these scores.
     *
     * @param models what is held, in the order of the coefficients
     * @param scores of all candidates named so far, in the order in which they were named; NaN: it has none and never will.
     *     Such a candidate is never better than one with a score
     */
    Next next(Models models, List<Double> scores);

    /** What a search says. */
    sealed interface Next {
        /**
         * Combinations to be scored, each by itself, before the search goes on.
         *
         * @param combinations one at least
         */
        record Candidates(List<Coefficients> combinations) implements Next {
            public Candidates {
                combinations = List.copyOf(combinations);
            }
        }

        /**
         * The end.
         *
         * @param combination what is emitted
         * @param reason why, in words
         */
        record Chosen(Coefficients combination, String reason) implements Next {}
    }
}
