package dev.weir.topology.coordinate;

import dev.weir.operators.Bcwi;
import dev.weir.topology.plan.Plan;
import org.jspecify.annotations.Nullable;

/** Which versions are and were in service, and whose weights went through the log so that channels can be mixed with them. */
final class Baselines {
    private final StateStore store;

    Baselines(StateStore store) {
        this.store = store;
    }

    /** The baseline in service; null before the first promotion. */
    State.@Nullable Pin baseline() {
        return store.get("baseline", State.Pin.class);
    }

    /** The baseline whose weights went through the log last; null before the first. */
    State.@Nullable Pinned pinned() {
        return store.get("pinned", State.Pinned.class);
    }

    /** Whether this promotion made the baseline in service. */
    boolean isBaseline(long promotion) {
        State.Pin baseline = baseline();
        return baseline != null && baseline.number() == promotion;
    }

    void baseline(State.Pin baseline) {
        store.put("baseline", baseline);
        store.put(servedKey(baseline.channel(), baseline.version()), true);
    }

    /** The weights of this promotion's baseline are in the log. */
    void pinned(long number, long seq, String checkpointDigest) {
        State.Pin baseline = baseline();
        if (baseline != null && baseline.number() == number) {
            store.put("pinned", new State.Pinned(baseline, seq, checkpointDigest));
        }
    }

    /** The baseline that some channel of a plan needs and that is not pinned yet; null: none. */
    State.@Nullable Pin toPin(@Nullable Plan plan) {
        State.Pin baseline = baseline();
        State.Pinned pinned = pinned();
        boolean needed = plan != null
                && plan.channels().stream()
                        .anyMatch(channel ->
                                channel.create() instanceof Bcwi bcwi && (pinned == null || !bcwi.keepBaseline()));
        return needed && baseline != null && (pinned == null || pinned.pin().number() != baseline.number())
                ? baseline
                : null;
    }

    /** Whether a version is or was in service. */
    boolean served(String channel, long version) {
        return store.get(servedKey(channel, version), Boolean.class) != null;
    }

    private static String servedKey(String channel, long version) {
        return "served/" + channel + "/" + StateStore.number(version);
    }
}
