package dev.weir.topology.store;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** The folds that this process has open, for status. */
public final class Folds {
    private final Map<Integer, LogFold<?>> open = new ConcurrentHashMap<>();
    private final AtomicLong foldedAgain = new AtomicLong();
    private final AtomicLong folded = new AtomicLong();

    void opened(int partition, LogFold<?> fold) {
        open.put(partition, fold);
    }

    void closed(LogFold<?> fold) {
        open.values().remove(fold);
    }

    void foldedAgain() {
        foldedAgain.incrementAndGet();
    }

    /** Counts a record that was folded as it came. */
    public void folded() {
        folded.incrementAndGet();
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

    /** Partitions whose folds are open. */
    public int partitions() {
        return open.size();
    }
}
