package dev.weir.topology.store;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntToLongFunction;

/** The folds that this process has open, for status. */
public final class Folds {
    private final Map<Integer, LogFold<?>> open = new ConcurrentHashMap<>();
    private final Map<Integer, ConcurrentSkipListMap<Long, Long>> keyframes = new ConcurrentHashMap<>();
    private final AtomicLong foldedAgain = new AtomicLong();
    private final AtomicLong folded = new AtomicLong();
    private final AtomicLong longestNanos = new AtomicLong();

    void opened(int partition, LogFold<?> fold) {
        open.put(partition, fold);
    }

    void closed(LogFold<?> fold) {
        open.entrySet().stream()
                .filter(entry -> entry.getValue() == fold)
                .map(Map.Entry::getKey)
                .forEach(partition -> {
                    open.remove(partition, fold);
                    // Another instance may write the next ones.
                    keyframes.remove(partition);
                });
    }

    /** A keyframe's head was handed to the producer. */
    public void keyframe(int partition, long writtenAt, long oldestNeeded) {
        keyframes
                .computeIfAbsent(partition, key -> new ConcurrentSkipListMap<>())
                .put(writtenAt, oldestNeeded);
    }

    /**
     * The oldest offset that the newest keyframe of each partition needs, among those that are committed.
     *
     * @param committed offset up to which the group has committed a partition
     */
    public Map<Integer, Long> oldestNeeded(IntToLongFunction committed) {
        Map<Integer, Long> needed = new TreeMap<>();
        keyframes.forEach((partition, heads) -> {
            Map.Entry<Long, Long> newest = heads.lowerEntry(committed.applyAsLong(partition));
            if (newest != null) {
                heads.headMap(newest.getKey()).clear();
                needed.put(partition, newest.getValue());
            }
        });
        return needed;
    }

    void foldedAgain() {
        foldedAgain.incrementAndGet();
    }

    /** Counts a record that was folded as it came. */
    public void folded() {
        folded.incrementAndGet();
    }

    void took(long nanos) {
        longestNanos.accumulateAndGet(nanos, Math::max);
    }

    /** Longest time that one record took, with what was emitted for it, since this process started, in milliseconds. */
    public long longestFoldMs() {
        return longestNanos.get() / 1_000_000;
    }

    /** Records that were folded to restore state since this process started. */
    public long recordsFoldedAgain() {
        return foldedAgain.get();
    }

    /** Records that were folded as they came since this process started. */
    public long recordsFolded() {
        return folded.get();
    }

    /** What became of the records of all open partitions since the beginning of their logs, by word. */
    public Map<String, Long> counters() {
        Map<String, Long> sum = new TreeMap<>();
        open.values()
                .forEach(fold ->
                        fold.counters().snapshot().forEach((reason, count) -> sum.merge(reason, count, Long::sum)));
        return sum;
    }

    /** What the open folds say of themselves beside their counters. */
    public Map<String, Object> facts() {
        Map<String, Object> all = new TreeMap<>();
        open.values().forEach(fold -> all.putAll(fold.facts()));
        return all;
    }

    /** Bytes off the heap in all open folds. */
    public long stateBytes() {
        return open.values().stream().mapToLong(LogFold::stateBytes).sum();
    }

    /** Partitions whose folds are open. */
    public int partitions() {
        return open.size();
    }
}
