package dev.weir.cli.up;

import dev.weir.cli.WeirException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;

/**
 * Holds all child processes: starts them, says when one died, and stops them in order. Without the broker or the registry nothing
 * goes on; an application that dies too often is given up alone.
 */
final class Supervisor {

    private static final Duration APPLICATIONS_LIMIT = Duration.ofSeconds(9);
    private static final Duration PARTS_LIMIT = Duration.ofSeconds(12);
    private static final String GIVEN_UP =
            "given up, all else goes on; `weir plan apply` of that model starts it again; see ";

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
                report -> giveUp(spec, report));
        children.add(child);
        child.start();
        return child;
    }

    /** Starts another one in the place of a child that has failed. */
    synchronized Child startAgain(Child failed) {
        children.remove(failed);
        return start(failed.spec());
    }

    private void giveUp(ChildSpec spec, String report) {
        if (spec.model().isEmpty()) {
            failure.complete(tooManyDeaths(spec, report, "see " + spec.log()));
        } else {
            err.println("weir: "
                    + tooManyDeaths(spec, report, GIVEN_UP + spec.log()).getMessage());
        }
    }

    private static WeirException tooManyDeaths(ChildSpec spec, String report, String next) {
        return new WeirException(
                spec.title(),
                report,
                "allowed: fewer than " + DeathWindow.LIMIT + " deaths within " + DeathWindow.WINDOW.toSeconds() + " s",
                next);
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
            if (child.state() instanceof ChildState.Failed failed) {
                throw tooManyDeaths(
                        child.spec(), failed.why(), GIVEN_UP + child.spec().log());
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
