package dev.weir.cli.job;

import dev.weir.clients.publish.Outcome;
import java.util.List;

/** What became of a round. */
public sealed interface Result {

    /** Its trainer step. */
    long step();

    /**
     * Its merge was published.
     *
     * @param models the versions that were merged
     * @param sides their second files' versions
     * @param notes what the merge counted, and which models did not enter
     * @param outcome accepted, or accepted before
     */
    record Published(long step, List<Round.Input> models, List<Round.Input> sides, List<String> notes, Outcome outcome)
            implements Result {
        public Published {
            models = List.copyOf(models);
            sides = List.copyOf(sides);
            notes = List.copyOf(notes);
        }
    }

    /** A version that it would have taken is not there, and will not be. */
    record Skipped(long step, String reason) implements Result {}

    /** Its versions could not be merged, or what came out was rejected. */
    record Failed(long step, String reason) implements Result {}
}
