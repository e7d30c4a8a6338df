package dev.weir.topology.coordinate;

import dev.weir.schemas.record.ChannelUpdate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Why a complete checkpoint is not accepted. */
final class Refusals {
    /**
     * A refusal.
     *
     * @param reason a word, a colon and what is wrong
     * @param due versions that a repeated checkpoint brought when it was accepted
     */
    record Refusal(String reason, List<ChannelUpdate> due) {}

    private final RunBook runs;
    private final LayoutBook layouts;
    private final Baselines baselines;
    private final ChannelBook channels;

    Refusals(RunBook runs, LayoutBook layouts, Baselines baselines, ChannelBook channels) {
        this.runs = runs;
        this.layouts = layouts;
        this.baselines = baselines;
        this.channels = channels;
    }

    /** Why this one is not; null: nothing speaks against it. */
    @Nullable
    Refusal of(State.Pending pending) {
        List<State.Part> parts = List.copyOf(pending.parts().values());
        if (parts.stream()
                .anyMatch(part -> !part.checkpointDigest().equals(parts.get(0).checkpointDigest()))) {
            return new Refusal("digest: the ends in the partitions name different contents", List.of());
        }
        if (parts.stream()
                .anyMatch(part -> !part.companions().equals(parts.get(0).companions()))) {
            return new Refusal("companion: the ends in the partitions name different companions", List.of());
        }
        String mismatch = layouts.mismatch(parts.get(0).layoutHash());
        if (!mismatch.isEmpty()) {
            return new Refusal(mismatch, List.of());
        }
        State.Accepted known = runs.accepted(pending.run(), pending.step());
        if (known != null && known.checkpointDigest().equals(parts.get(0).checkpointDigest())) {
            List<ChannelUpdate> due = known.due().entrySet().stream()
                    .map(entry -> new ChannelUpdate(entry.getKey(), List.of(), entry.getValue(), 0L, List.of()))
                    .toList();
            return new Refusal("duplicate: accepted before as decision " + known.seq(), due);
        }
        if (known != null) {
            return new Refusal(
                    "conflict: step " + pending.step() + " of run " + pending.run()
                            + " was accepted before with other weights, as decision " + known.seq(),
                    List.of());
        }
        if (pending.run().equals(BaselineRun.NAME) && !baselines.isBaseline(pending.step())) {
            return new Refusal("baseline: promotion " + pending.step() + " is not the one in force", List.of());
        }
        if (parts.stream().anyMatch(part -> part.rulesSeq() >= 0 && part.rulesSeq() < channels.rulesSeq())) {
            // A tensor that was not averaged when its chunks came was not looked at for NaN.
            return new Refusal(
                    "rules: plan " + channels.rulesSeq() + " changed the rules for tensors while it was on its way",
                    List.of());
        }
        State.Run run = runs.of(pending.run());
        if (run != null && pending.step() <= run.newestStep()) {
            return new Refusal(
                    "stale-step: run " + pending.run() + " is at step " + run.newestStep()
                            + " already; steps of a run grow",
                    List.of());
        }
        return null;
    }
}
