package dev.weir.clients.publish;

import java.util.function.LongFunction;

/**
 * The epoch that a publisher is in. An opening that failed may be in the log all the same, and fences the epoch before it:
 * what is written next begins another one. One thread may ask for the number while another one writes.
 *
 * @param <W> what writes its checkpoints
 */
final class CurrentEpoch<W> {
    private final LongFunction<W> opening;
    private volatile long number;
    /** That was opened or tried to. */
    private long newest;

    private W writer;
    private boolean due;

    /**
     * Opens the first one.
     *
     * @param opening writes what opens an epoch to the log
     */
    CurrentEpoch(long first, LongFunction<W> opening) {
        this.opening = opening;
        this.newest = first;
        this.writer = opening.apply(first);
        this.number = first;
    }

    /** The newest that is known to be open. */
    long number() {
        return number;
    }

    /** What writes next begins another one. */
    void end() {
        due = true;
    }

    /** Whether {@link #writer} begins one. */
    boolean ended() {
        return due;
    }

    /** What writes to it; opens it where it is due. */
    W writer() {
        if (due) {
            long next = newest + 1;
            newest = next;
            writer = opening.apply(next);
            number = next;
            due = false;
        }
        return writer;
    }
}
