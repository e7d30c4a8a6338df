package dev.weir.cli.merge;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Hands the numbers of chunks to workers, each on a thread of its own, until all are done or one has failed. */
final class ChunkQueue {

    /** Takes chunks on the thread on which it was made. */
    interface Worker extends AutoCloseable {
        void take(int number);

        @Override
        void close();
    }

    private final int chunks;
    private final Supplier<Worker> workers;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    private ChunkQueue(int chunks, Supplier<Worker> workers) {
        this.chunks = chunks;
        this.workers = workers;
    }

    /** Returns when all are done; throws what the first worker to fail threw, when no worker runs any more. */
    static void run(int threads, int chunks, Supplier<Worker> workers) throws InterruptedException {
        ChunkQueue queue = new ChunkQueue(chunks, workers);
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            for (int i = 0; i < threads; i++) {
                pool.execute(queue::work);
            }
        }
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        switch (queue.failure.get()) {
            case RuntimeException known -> throw known;
            case Error error -> throw error;
            case null, default -> {}
        }
    }

    private void work() {
        try (Worker worker = workers.get()) {
            for (int number = next.getAndIncrement(); number < chunks; number = next.getAndIncrement()) {
                if (failure.get() != null) {
                    return;
                }
                worker.take(number);
            }
        } catch (RuntimeException | Error failed) {
            failure.compareAndSet(null, failed);
        }
    }
}
