package dev.weir.topology.coordinate;

import dev.weir.schemas.record.ChannelUpdate;
import java.util.ArrayList;
import java.util.List;

/**
 * Which versions go when one is emitted: those that are no longer among the newest, the oldest first, but never one that is or
 * was in service, because a rollback may want it. A lowered {@code retain} leaves many at once; they go a few at a time, for
 * every partition deletes every chunk of them in the transaction that emits.
 */
final class Retirement {
    /** Versions that one emission retires at most: the one that it pushes out, and some of what was left over. */
    static final int AT_ONCE = 9;

    private final StateStore store;
    private final Baselines baselines;

    Retirement(StateStore store, Baselines baselines) {
        this.store = store;
        this.baselines = baselines;
    }

    /**
     * The update that emits a version.
     *
     * @param channel also the name of a channel's candidates
     * @param kept how many of the newest versions stay, this one among them
     */
    ChannelUpdate emission(String channel, List<Double> coefficients, long version, long kept) {
        String key = "oldest/" + channel;
        Long stored = store.get(key, Long.class);
        // A state of before this was remembered begins at 1: deleting again what is gone changes nothing.
        long oldest = stored == null ? 1 : stored;
        List<Long> old = new ArrayList<>();
        for (; oldest <= version - kept && old.size() < AT_ONCE; oldest++) {
            if (!baselines.served(channel, oldest)) {
                old.add(oldest);
            }
        }
        store.put(key, oldest);
        long first = old.isEmpty() ? 0 : old.removeFirst();
        return new ChannelUpdate(channel, coefficients, version, first, old);
    }
}
