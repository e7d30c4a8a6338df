package dev.weir.topology.store;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Work that another thread does while its owner goes on, one piece at a time: whatever it touches is the owner's again after
 * {@link #await}. Used by one thread after another.
 */
public final class Meanwhile implements AutoCloseable {
    private static final int IDLE_MS = 1_000;

    private final ThreadPoolExecutor worker;
    private CompletableFuture<Void> work = CompletableFuture.completedFuture(null);

    /** @param thread name of the thread that works */
    public Meanwhile(String thread) {
        // Its one thread ends by itself when nothing comes for a while, so that there is none to be ended.
        worker = new ThreadPoolExecutor(
                0,
                1,
                IDLE_MS,
                TimeUnit.MILLISECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().daemon().name(thread).factory());
    }

    /** Begins a piece of work, after the one before; throws what that has thrown, and begins nothing then, until it is closed. */
    public void start(Runnable piece) {
        await();
        try {
            work = CompletableFuture.runAsync(piece, worker);
        } catch (RuntimeException | Error notBegun) {
            // The pool keeps a piece for which the system has given it no thread, and would do it with the next one.
            worker.getQueue().clear();
            throw notBegun;
        }
    }

    /**
     * Waits for the work that has begun, however long it takes, and throws what it has thrown; again whenever it is asked, so
     * that nobody goes on from half of it.
     */
    public void await() {
        try {
            work.join();
        } catch (CompletionException failed) {
            switch (failed.getCause()) {
                case RuntimeException thrown -> throw thrown;
                case Error thrown -> throw thrown;
                case null, default -> throw failed;
            }
        }
    }

    /** Waits for the work that has begun, and forgets how it ended; another piece may begin. */
    @Override
    public void close() {
        work.handle((nothing, failed) -> nothing).join();
        work = CompletableFuture.completedFuture(null);
    }
}
