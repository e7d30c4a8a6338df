package dev.weir.topology.coordinate;

import dev.weir.operators.Progress;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What the coordinator remembers, as JSON values under keys that begin with their kind. */
final class State {
    private State() {}

    /**
     * A trainer's run.
     *
     * @param openedBy partitions that have seen this epoch open
     * @param newestStep newest accepted step; -1 before the first
     * @param accepted how many of its accepted steps are remembered
     */
    record Run(long epoch, String layoutHash, Set<Integer> openedBy, long newestStep, int accepted) {}

    /** What a run said of one epoch that it descends from. */
    record Provenance(Map<String, String> said) {}

    /**
     * A checkpoint that waits for its decision.
     *
     * @param firstSeenMs when its first record was acknowledged, by the coordinator's clock
     * @param parts what each partition holds
     */
    record Pending(String run, long epoch, long step, long firstSeenMs, Map<Integer, Part> parts) {
        /** What every partition says came with it; once it is complete. */
        List<String> companions() {
            return parts.values().iterator().next().companions();
        }
    }

    /**
     * One partition's share of a pending checkpoint, sound and complete.
     *
     * @param companions null where a state of before they were there is read
     * @param rulesSeq number of the plan by whose rules for tensors it was looked at; -1: unknown
     */
    record Part(
            String layoutHash, String checkpointDigest, long endTimestampMs, List<String> companions, long rulesSeq) {
        Part {
            companions = companions == null ? List.of() : List.copyOf(companions);
        }
    }

    /**
     * A channel.
     *
     * @param operator name of the operator that its progress belongs to
     * @param settings settings that its progress belongs to
     * @param generation decision number since which its state goes on; its lineage begins there
     * @param version newest version decided; 0 before the first; a channel that comes back goes on counting
     */
    record Channel(String operator, Map<String, String> settings, long generation, Progress progress, long version) {}

    /**
     * A version that the partitions are emitting, and the channel as it was when it was decided.
     *
     * @param position its place among the versions that one decision emits
     * @param settings the operator's settings; of a search, with the weight of this version
     * @param lineage whose ingredients it has
     * @param endTimestampMs when the checkpoint ended, by the trainer's clock
     */
    record Awaited(
            String channel,
            long version,
            int position,
            String operator,
            Map<String, String> settings,
            Lineage lineage,
            List<String> skipped,
            long seq,
            String run,
            long step,
            long endTimestampMs,
            Map<Integer, Emission> emissions) {
        Awaited with(Map<Integer, Emission> next) {
            return new Awaited(
                    channel,
                    version,
                    position,
                    operator,
                    settings,
                    lineage,
                    skipped,
                    seq,
                    run,
                    step,
                    endTimestampMs,
                    next);
        }
    }

    /**
     * Where the ingredients of a version stand.
     *
     * @param channel the channel whose checkpoints they are
     * @param operator its operator
     * @param settings its operator's settings
     * @param generation its generation
     * @param share what their weights are multiplied by; the rest is the baseline's
     * @param baseline the baseline that was mixed in; null: none
     * @param combination coefficients of the models that the channel holds; empty: it is an average
     * @param pinned the baseline's weights as they went through the log; null: none, or a state of before they were there is read
     */
    record Lineage(
            String channel,
            String operator,
            Map<String, String> settings,
            long generation,
            double share,
            @Nullable Pin baseline,
            List<Double> combination,
            @Nullable Pinned pinned) {}

    /**
     * A search under way.
     *
     * @param generation of its channel
     * @param asked candidates so far
     * @param scores of those that have one, by number
     * @param versions numbers of the candidates by version
     * @param sinceMs since when the newest candidates wait for their scores, by the coordinator's clock
     * @param unscored numbers of those that were given up
     */
    record Search(
            long generation,
            int asked,
            Map<Integer, Double> scores,
            Map<Long, Integer> versions,
            long sinceMs,
            Set<Integer> unscored) {
        /** @param unscored null where a state of before there were any is read */
        Search {
            unscored = unscored == null ? Set.of() : unscored;
        }

        /** Numbers of the candidates that wait for their scores, in order. */
        List<Integer> open() {
            return IntStream.range(0, asked)
                    .filter(number -> !scores.containsKey(number) && !unscored.contains(number))
                    .boxed()
                    .toList();
        }
    }

    /**
     * A baseline.
     *
     * @param number the promotion that made it one
     * @param channel channel of the version in service
     * @param version the version in service
     */
    record Pin(long number, String channel, long version) {}

    /** A pinned baseline: its weights went through the log. */
    record Pinned(Pin pin, long seq, String checkpointDigest) {}

    /** What one partition's chunks of a pending checkpoint come to for a channel, whose state then contained a decision. */
    record Reduction(long seq, List<Double> values) {}

    /** One partition's share of a version. */
    record Emission(int chunks, String digest) {}

    /** An accepted checkpoint: its decision, its content, and the versions due from it. */
    record Accepted(long seq, String checkpointDigest, Map<String, Long> due) {}

    /**
     * A checkpoint that entered a channel.
     *
     * @param provenance what its run said that it descends from; null where a state of before that was kept is read
     */
    record Entered(
            long seq,
            String run,
            long step,
            String checkpointDigest,
            List<Double> coefficients,
            Map<String, String> provenance) {
        Entered {
            provenance = provenance == null ? Map.of() : provenance;
        }
    }
}
