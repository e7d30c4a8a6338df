package dev.weir.cli.verb;

import dev.weir.cli.ExitCode;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Work that goes on until a signal comes: its thread is interrupted then and has some seconds to close what it has, and the
 * process ends with exit code 0.
 */
final class OnSignal {

    private static final Duration CLOSING = Duration.ofSeconds(8);

    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean stopping;

    /** What is done, and closed. */
    interface Work {
        void run() throws IOException, InterruptedException;
    }

    /** Does it, in this thread. What it throws once a signal has come is part of ending. */
    void run(Work work) throws IOException, InterruptedException {
        Thread worker = Thread.currentThread();
        Thread hook = Thread.ofPlatform().name("signal").unstarted(() -> stopAndHalt(worker));
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            work.run();
        } catch (RuntimeException | IOException | InterruptedException e) {
            if (!stopping) {
                throw e;
            }
        } finally {
            ended.countDown();
            forget(hook);
        }
    }

    /** Whether a signal has come. */
    boolean stopping() {
        return stopping;
    }

    private void stopAndHalt(Thread worker) {
        stopping = true;
        worker.interrupt();
        try {
            ended.await(CLOSING.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(ExitCode.DONE);
    }

    private static void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException signal) {
            awaitEnd(hook);
        }
    }

    /** It ends the process, and has interrupted this thread, perhaps not before now. */
    private static void awaitEnd(Thread hook) {
        while (hook.isAlive()) {
            try {
                hook.join();
            } catch (InterruptedException ending) {
                // As above.
            }
        }
    }
}
