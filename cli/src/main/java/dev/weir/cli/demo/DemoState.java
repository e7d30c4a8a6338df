package dev.weir.cli.demo;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * All that the demo's screen shows.
 *
 * @param seed what everything follows from
 * @param elapsedMs wall-clock time since the demo began
 * @param checkpoints those published so far, of all trainers
 * @param checkpointsPlanned how many there will be; 0 when time decides
 * @param release1 of the model in service
 * @param runs the trainers, in order
 * @param channels the newest version of each channel, in order; the decisive three are {@link #RAW}, {@link #EMA} and
 *     {@link #BCWI}
 */
record DemoState(
        long seed,
        long elapsedMs,
        long checkpoints,
        long checkpointsPlanned,
        Score release1,
        List<Run> runs,
        List<Channel> channels) {

    /** The channel of checkpoints as they were published. */
    static final String RAW = "raw";

    /** The average that the finding speaks of. */
    static final String EMA = "ema-0.9";

    /** Between release 1 and {@link #EMA}. */
    static final String BCWI = "bcwi";

    DemoState {
        runs = List.copyOf(runs);
        channels = List.copyOf(channels);
    }

    /**
     * A trainer.
     *
     * @param name its run
     * @param step of its newest checkpoint; 0 before the first
     * @param checkpoints how many it has published
     */
    record Run(String name, long step, long checkpoints) {}

    /**
     * The newest version of a channel.
     *
     * @param name as the plan spells it
     * @param version its version; of raw the decision number
     * @param step trainer step that it was made at
     * @param score what the evaluator found; null until it has
     * @param gate what the gate says of it
     */
    record Channel(
            String name, long version, long step, @Nullable Score score, Gate gate) {}

    /** What the gate says of a version. */
    sealed interface Gate {

        /** The channel has no gate. */
        record None() implements Gate {}

        /** No complete evaluation yet. */
        record Awaited() implements Gate {}

        /** @param reason in a few words */
        record Promoted(String reason) implements Gate {}

        /** @param reason in a few words */
        record Held(String reason) implements Gate {}
    }

    /** The score of a channel's newest version, if it has one. */
    Optional<Score> score(String channel) {
        return channels.stream()
                .filter(row -> row.name().equals(channel))
                .flatMap(row -> Optional.ofNullable(row.score()).stream())
                .findFirst();
    }
}
