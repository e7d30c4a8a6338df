package dev.weir.cli.up;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/** Counts the deaths of one process in a sliding window. */
final class DeathWindow {

    static final int LIMIT = 3;
    static final Duration WINDOW = Duration.ofMinutes(1);

    private final Deque<Long> deathsMs = new ArrayDeque<>();

    /** Notes a death; true when it is one too many. */
    boolean add(long nowMs) {
        deathsMs.addLast(nowMs);
        while (nowMs - deathsMs.getFirst() > WINDOW.toMillis()) {
            deathsMs.removeFirst();
        }
        return deathsMs.size() >= LIMIT;
    }
}
