package dev.weir.it.fault;

import java.util.Map;
import java.util.OptionalLong;

/**
 * What became of one fault.
 *
 * @param fault what went wrong
 * @param after what was done about it, in words
 * @param instance to whom it happened; empty: to none
 * @param open where its transaction was open, by partition: the first offset there; empty: nowhere
 * @param lost how many partitions it worked on
 * @param foldedMs until each of these folded a record; empty: it worked on none
 * @param visibleMs until a read_committed reader had seen output of each of them
 */
record Result(
        Fault fault,
        String after,
        String instance,
        Map<String, Long> open,
        int lost,
        OptionalLong foldedMs,
        OptionalLong visibleMs) {

    String kind() {
        return fault.kind();
    }

    boolean isKill() {
        return fault instanceof Fault.Kill || fault instanceof Fault.KillAt;
    }

    boolean insideTransaction() {
        return isKill() && !open.isEmpty();
    }
}
