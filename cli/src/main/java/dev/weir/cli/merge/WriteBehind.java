package dev.weir.cli.merge;

import dev.weir.schemas.safetensors.SafetensorsWriter;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Brings what was written to disk while more is being computed, a portion at a time, so that neither the system holds a
 * whole file that is not on disk nor everybody waits for it at the end.
 */
final class WriteBehind implements AutoCloseable {
    private static final long PORTION_BYTES = 64L << 20;

    private final Runnable flush;
    private final ExecutorService flusher = Executors.newSingleThreadExecutor();
    private final AtomicLong writtenBytes = new AtomicLong();
    private final AtomicBoolean waiting = new AtomicBoolean();

    private final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();

    WriteBehind(SafetensorsWriter writer) {
        this(writer::flush);
    }

    /** @param flush brings to disk what was written before it is called */
    WriteBehind(Runnable flush) {
        this.flush = flush;
    }

    /** Takes note of that many more bytes; any thread may call it. */
    void wrote(long bytes) {
        long before = writtenBytes.getAndAdd(bytes);
        boolean full = before / PORTION_BYTES != (before + bytes) / PORTION_BYTES;
        if (full && waiting.compareAndSet(false, true)) {
            flusher.execute(() -> {
                waiting.set(false);
                try {
                    flush.run();
                } catch (RuntimeException failed) {
                    failure.compareAndSet(null, failed);
                }
            });
        }
    }

    /**
     * Returns when nothing is being flushed any more; what is left is the writer's to bring to disk.
     *
     * @throws RuntimeException the first that a flush has thrown: the system says once that pages were lost
     */
    @Override
    public void close() {
        flusher.close();
        RuntimeException failed = failure.get();
        if (failed != null) {
            throw failed;
        }
    }
}
