package dev.weir.topology.coordinate;

import dev.weir.topology.store.Counters;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** What the coordinator says of itself: written by its thread, read by any. */
public final class CoordinateStatus {
    /** How long it took from the end of a checkpoint to the manifest of a version, in milliseconds. */
    public record Latency(long last, long max, long count) {}

    private final Counters counters = new Counters();
    private final ConcurrentSkipListMap<String, Long> complete = new ConcurrentSkipListMap<>();
    private volatile Map<String, Long> decided = Map.of();
    private volatile Latency latency = new Latency(0, 0, 0);

    void count(String reason) {
        counters.add(reason);
    }

    void complete(String channel, long version) {
        complete.merge(channel, version, Math::max);
    }

    void report(Map<String, Long> versionsDecided, Latency newLatency) {
        decided = Map.copyOf(versionsDecided);
        latency = newLatency;
    }

    /** What was decided since this process started, by word. */
    public Map<String, Long> counters() {
        return counters.snapshot();
    }

    /** Newest version decided of each channel of the plan; 0 before the first. */
    public Map<String, Long> versions() {
        return new TreeMap<>(decided);
    }

    public Latency latency() {
        return latency;
    }
}
