package dev.weir.cli.job;

import java.util.List;

/** What is next for a job. */
public sealed interface Round {

    /**
     * A version that a round takes.
     *
     * @param step trainer step of the checkpoint that made it
     */
    record Input(Source.Channel channel, long version, long step) {
        @Override
        public String toString() {
            return channel + " version " + version;
        }
    }

    /** A round at a trainer step. */
    sealed interface Settled extends Round {
        long step();

        /** Versions since the round before that were gone before the job saw them, and with them perhaps rounds. */
        long unseen();
    }

    /**
     * All its versions are there.
     *
     * @param models what is merged, in order
     * @param sides the second files of these; empty where there are none
     */
    record Ready(long step, List<Input> models, List<Input> sides, long unseen) implements Settled {
        public Ready {
            models = List.copyOf(models);
            sides = List.copyOf(sides);
        }
    }

    /** It cannot be, now or later. */
    record Skipped(long step, String reason, long unseen) implements Settled {}

    /** Nothing is settled beyond the round before. */
    record Waiting(String what) implements Round {}
}
