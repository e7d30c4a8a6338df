package dev.weir.topology.store;

import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * What became of the records, by word. Written by one thread, read by any. For every partition: records = chunks held +
 * duplicates + control records + the sum over all reasons for dropping.
 */
public final class Counters {
    private final ConcurrentSkipListMap<String, LongAdder> counts = new ConcurrentSkipListMap<>();

    public void add(String reason) {
        counts.computeIfAbsent(reason, key -> new LongAdder()).increment();
    }

    /** Counts several at once. */
    public void add(String reason, long count) {
        counts.computeIfAbsent(reason, key -> new LongAdder()).add(count);
    }

    /** A copy, in order of the words. */
    public Map<String, Long> snapshot() {
        Map<String, Long> copy = new java.util.TreeMap<>();
        counts.forEach((reason, count) -> copy.put(reason, count.sum()));
        return copy;
    }
}
