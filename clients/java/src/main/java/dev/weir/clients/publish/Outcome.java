package dev.weir.clients.publish;

import java.util.Map;

/** What became of a checkpoint. */
public sealed interface Outcome {

    /** Number of the decision that says so. */
    long seq();

    /**
     * It was accepted, and every snapshot due from it is complete.
     *
     * @param seq number of the decision
     * @param versions version of each channel that emitted one
     * @param passedBy channels that it did not enter, such as for want of an input, with the reason: a word, a colon,
     *     what exactly
     */
    record Accepted(long seq, Map<String, Long> versions, Map<String, String> passedBy) implements Outcome {
        /** Copies the maps. */
        public Accepted {
            versions = Map.copyOf(versions);
            passedBy = Map.copyOf(passedBy);
        }
    }

    /**
     * The same step with the same weights was accepted before, and every snapshot due from it is complete.
     *
     * @param seq number of the decision that found the repetition
     * @param versions version of each channel that emitted one when it was accepted
     * @param reason which decision accepted it
     */
    record Duplicate(long seq, Map<String, Long> versions, String reason) implements Outcome {
        /** Copies the versions. */
        public Duplicate {
            versions = Map.copyOf(versions);
        }
    }

    /**
     * It was not accepted, and no average moved.
     *
     * @param seq number of the decision
     * @param reason a word, a colon, what exactly
     */
    record Rejected(long seq, String reason) implements Outcome {}
}
