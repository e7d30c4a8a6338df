package dev.weir.it.fault;

import java.util.Map;
import java.util.OptionalLong;

/**
 * What became of one fault.
 *
 * @param fault what went wrong
 * @param kind of it, in words
 * @param after what was done about it, in words
 * @param instance to whom it happened; empty: to none
 * @param open where its transaction was open, by partition: the first offset there; empty: nowhere
 * @param lost how many partitions it worked on
 * @param foldedMs until each of these folded a record; empty: it worked on none
 * @param visibleMs until a read_committed reader had seen output of each of them
 */
record Result(
        Fault fault,
        String kind,
        String after,
        String instance,
        Map<String, Long> open,
        int lost,
        OptionalLong foldedMs,
        OptionalLong visibleMs) {

    boolean isKill() {
        return kind.startsWith("kill -9");
    }

    boolean insideTransaction() {
        return isKill() && !open.isEmpty();
    }
}
