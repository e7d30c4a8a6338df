package dev.weir.cli;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/** One line on a terminal's error output that says how far long work is; nothing where there is no terminal. */
public final class ProgressLine implements AutoCloseable {
    private static final long EVERY_MS = 200;

    private final String what;
    private final PrintStream terminal;
    private final @Nullable ScheduledExecutorService clock;

    private ProgressLine(String what, PrintStream terminal, boolean live) {
        this.what = what;
        this.terminal = terminal;
        this.clock = live
                ? Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().daemon().factory())
                : null;
    }

    /** @param what is under way, in a few words */
    public static ProgressLine of(String what) {
        boolean live = System.console() != null && System.console().isTerminal();
        return new ProgressLine(what, System.err, live);
    }

    /**
     * Shows how far it is, again and again.
     *
     * @param done share that is done, in [0, 1]; asked by another thread
     */
    public void follow(DoubleSupplier done) {
        if (clock != null) {
            var unused =
                    clock.scheduleWithFixedDelay(() -> show(done.getAsDouble()), 0, EVERY_MS, TimeUnit.MILLISECONDS);
        }
    }

    private void show(double done) {
        terminal.printf(Locale.ROOT, "\r%s: %3.0f %%", what, 100 * done);
        terminal.flush();
    }

    /** Wipes the line. */
    @Override
    public void close() {
        if (clock != null) {
            clock.shutdownNow();
            terminal.print("\r" + " ".repeat(what.length() + 7) + "\r");
            terminal.flush();
        }
    }
}
