package dev.weir.benchmarks;

import java.util.concurrent.atomic.AtomicLong;

/** From the first of several threads' begin to the last one's end, and the bytes that they read meanwhile. */
final class Stopwatch {
    private final AtomicLong beganNanos = new AtomicLong(Long.MAX_VALUE);
    private final AtomicLong endedNanos = new AtomicLong(Long.MIN_VALUE);
    private final AtomicLong bytes = new AtomicLong();

    void begin() {
        beganNanos.accumulateAndGet(System.nanoTime(), Math::min);
    }

    void read(long more) {
        bytes.addAndGet(more);
    }

    void end() {
        endedNanos.accumulateAndGet(System.nanoTime(), Math::max);
    }

    long bytes() {
        return bytes.get();
    }

    double seconds() {
        return (endedNanos.get() - beganNanos.get()) / 1e9;
    }
}
