package dev.weir.cli.up;

import dev.weir.cli.WeirException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;

/** Holds all child processes: starts them, says when one died, and stops them in order. */
final class Supervisor {

    private static final Duration APPLICATIONS_LIMIT = Duration.ofSeconds(9);
    private static final Duration PARTS_LIMIT = Duration.ofSeconds(12);

    private final PrintStream err;
    private final List<Child> children = new CopyOnWriteArrayList<>();
    private final CompletableFuture<WeirException> failure = new CompletableFuture<>();
    private boolean stopped;

    Supervisor(PrintStream err) {
        this.err = err;
    }

    synchronized Child start(ChildSpec spec) {
        if (stopped) {
            throw new WeirException(spec.title(), "not started, because weir up is stopping", "", "");
        }
        Child child = new Child(
                spec,
                report -> err.println("weir: " + spec.title() + ": " + report + "; starting it again"),
                report -> failure.complete(new WeirException(
                        spec.title(),
                        report,
                        "allowed: fewer than " + DeathWindow.LIMIT + " deaths within " + DeathWindow.WINDOW.toSeconds()
                                + " s",
                        "see " + spec.log())));
        children.add(child);
        child.start();
        return child;
    }

    List<Child> children() {
        return children;
    }

    /** Returns when the child answers; throws when it, or another one, cannot be brought up. */
    void awaitRunning(Child child, Duration limit) throws InterruptedException {
        if (!child.awaitRunning(limit)) {
            if (failure.isDone()) {
                throw failure.join();
            }
            throw new WeirException(
                    child.spec().title(),
                    "not ready within " + limit.toSeconds() + " s",
                    "",
                    "see " + child.spec().log());
        }
    }

    /** Blocks until a child has died too often, and returns what to say. */
    WeirException awaitFailure() throws InterruptedException {
        try {
            return failure.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Applications first, while broker and registry still answer them. */
    void stop() throws InterruptedException {
        synchronized (this) {
            stopped = true;
        }
        stop(children.stream().filter(c -> !c.spec().model().isEmpty()).toList(), APPLICATIONS_LIMIT);
        stop(children.stream().filter(c -> c.spec().model().isEmpty()).toList(), PARTS_LIMIT);
    }

    private static void stop(List<Child> some, Duration limit) throws InterruptedException {
        some.forEach(Child::askToStop);
        long deadline = System.nanoTime() + limit.toNanos();
        for (Child child : some) {
            child.awaitEnd(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
        }
    }
}
