package dev.weir.topology.coordinate;

import dev.weir.topology.store.Counters;
import java.util.Map;
import java.util.TreeMap;

/** What the coordinator says of itself: written by its thread, read by any. */
public final class CoordinateStatus {
    /** How long it took from the end of a checkpoint to the manifest of a version, in milliseconds. */
    public record Latency(long last, long max, long count) {}

    /** A search under way: candidates so far, those that have their score, and those that were given up. */
    public record Search(int candidates, int scored, int unscored) {}

    private final Counters counters = new Counters();
    private volatile Map<String, Long> complete = Map.of();
    private volatile Map<String, Search> searches = Map.of();
    private volatile Latency latency = new Latency(0, 0, 0);

    void count(String reason) {
        counters.add(reason);
    }

    void report(Map<String, Long> completeVersions, Map<String, Search> underWay, Latency newLatency) {
        searches = Map.copyOf(underWay);
        complete = Map.copyOf(completeVersions);
        latency = newLatency;
    }

    /** What was decided since this process started, by word. */
    public Map<String, Long> counters() {
        return counters.snapshot();
    }

    /** Newest complete version of each channel of the plan; 0 before the first. */
    public Map<String, Long> versions() {
        return new TreeMap<>(complete);
    }

    /** Searches under way, by channel. */
    public Map<String, Search> searches() {
        return new TreeMap<>(searches);
    }

    public Latency latency() {
        return latency;
    }
}
