package dev.weir.topology.coordinate;

import dev.weir.topology.store.Counters;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** What the coordinator says of itself: written by its thread, read by any. */
public final class CoordinateStatus {
    /** How long it took from the end of a checkpoint to the manifest of a version, in milliseconds. */
    public record Latency(long last, long max, long count) {}

    /** A search under way: candidates so far, those that have their score, and those that were given up. */
    public record Search(int candidates, int scored, int unscored) {}

    /**
     * Checkpoints that wait for their decisions.
     *
     * @param stepsBehind how many trainer steps the newest of them is before what its run has accepted, at most; 0: none waits
     */
    public record Undecided(int checkpoints, long stepsBehind) {}

    /**
     * How it stands.
     *
     * @param versions newest complete version of each channel of the plan; 0 before the first
     * @param sealedAtMs when these were sealed, in milliseconds of the coordinator's clock; 0: not known
     * @param searches searches under way, by channel
     */
    record Report(
            Map<String, Long> versions,
            Map<String, Long> sealedAtMs,
            Map<String, Search> searches,
            Undecided undecided,
            Latency latency) {
        Report {
            versions = Collections.unmodifiableMap(new TreeMap<>(versions));
            sealedAtMs = Map.copyOf(sealedAtMs);
            searches = Collections.unmodifiableMap(new TreeMap<>(searches));
        }
    }

    private final Counters counters = new Counters();
    private volatile Report report =
            new Report(Map.of(), Map.of(), Map.of(), new Undecided(0, 0), new Latency(0, 0, 0));

    void count(String reason) {
        counters.add(reason);
    }

    void report(Report next) {
        report = next;
    }

    /** What was decided since this process started, by word. */
    public Map<String, Long> counters() {
        return counters.snapshot();
    }

    /** As fields of the status document. */
    public Map<String, Object> document() {
        Report now = report;
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put(
                "channels",
                now.versions().entrySet().stream()
                        .map(entry -> Map.of(
                                "channel",
                                entry.getKey(),
                                "version",
                                entry.getValue(),
                                "sealedAtMs",
                                now.sealedAtMs().getOrDefault(entry.getKey(), 0L)))
                        .toList());
        facts.put(
                "searches",
                now.searches().entrySet().stream()
                        .map(entry -> Map.of(
                                "channel",
                                entry.getKey(),
                                "candidates",
                                entry.getValue().candidates(),
                                "scored",
                                entry.getValue().scored(),
                                "unscored",
                                entry.getValue().unscored()))
                        .toList());
        facts.put("undecided", now.undecided());
        facts.put("latencyMs", now.latency());
        facts.put("counters", counters());
        return facts;
    }
}
