package dev.weir.topology.coordinate;

import dev.weir.operators.Input;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Complete checkpoints in the order in which they became so, which is the order of their decisions however side inputs
 * arrive: the head waits for the inputs that channels read, and what is behind it waits for the head.
 */
final class ReadyQueue {
    /**
     * A place in the queue.
     *
     * @param pending key of the checkpoint
     * @param sinceMs since when it is complete, by the coordinator's clock
     */
    record Place(String pending, long sinceMs) {}

    private final StateStore store;
    private final RunBook runs;
    private final ChannelBook channels;
    private final InputBook inputs;
    private final long startedMs;

    /** @param startedMs when this process began: no input is given up for time before */
    ReadyQueue(StateStore store, RunBook runs, ChannelBook channels, InputBook inputs, long startedMs) {
        this.store = store;
        this.runs = runs;
        this.channels = channels;
        this.inputs = inputs;
        this.startedMs = startedMs;
    }

    /** A checkpoint is complete. */
    void add(String pending, long nowMs) {
        Long newest = store.get("ready-number", Long.class);
        long number = newest == null ? 1 : newest + 1;
        store.put("ready-number", number);
        store.put("ready/" + StateStore.number(number), new Place(pending, nowMs));
    }

    /** The checkpoint that is to be decided now, the head until it is; null: there is none, or it waits. */
    State.@Nullable Pending next(long nowMs) {
        for (String key : store.keys("ready/")) {
            Place place = store.get(key, Place.class);
            State.Pending pending = place == null ? null : store.get(place.pending(), State.Pending.class);
            if (place != null && pending != null) {
                boolean inTime = nowMs - Math.max(place.sinceMs(), startedMs) < channels.inputWaitMs();
                if (inTime && waitsForInputs(pending)) {
                    return null;
                }
                return pending;
            }
            store.delete(key);
        }
        return null;
    }

    /** What was said of a checkpoint and some channel reads. */
    Map<String, Double> joined(State.Pending pending) {
        Map<String, Double> joined = new TreeMap<>();
        Map<String, Double> given = inputs.of(pending.run(), pending.step());
        for (Input input : channels.inputs()) {
            Double value = given.get(input.name());
            if (value != null) {
                joined.put(input.name(), value);
            }
        }
        return joined;
    }

    /** Whether an input is missing that a channel would read if the checkpoint were accepted, as it seems to be. */
    private boolean waitsForInputs(State.Pending pending) {
        List<Input> wanted = pending.run().equals(BaselineRun.NAME) ? List.of() : channels.inputs();
        State.Run run = wanted.isEmpty() ? null : runs.of(pending.run());
        if (wanted.isEmpty() || (run != null && pending.step() <= run.newestStep())) {
            return false;
        }
        Map<String, Double> given = inputs.of(pending.run(), pending.step());
        return wanted.stream().anyMatch(input -> !given.containsKey(input.name()));
    }
}
