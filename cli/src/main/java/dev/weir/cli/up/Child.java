package dev.weir.cli.up;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One process, started again whenever it dies. Its stdin is a pipe that is never written: its end is our death. */
final class Child {

    private static final long LOG_LIMIT_BYTES = 8L << 20;
    private static final int PAUSE_MS = 300;

    private final ChildSpec spec;
    private final Consumer<String> onRestart;
    private final Consumer<String> onTooManyDeaths;
    private final RollingLog log;
    private final DeathWindow deaths = new DeathWindow();
    private ChildState state = new ChildState.Restarting();
    private @Nullable Process process;
    private int restarts;
    private boolean stopping;

    /**
     * @param onRestart told of each death after which it is started again
     * @param onTooManyDeaths told of the last one
     */
    Child(ChildSpec spec, Consumer<String> onRestart, Consumer<String> onTooManyDeaths) {
        this.spec = spec;
        this.onRestart = onRestart;
        this.onTooManyDeaths = onTooManyDeaths;
        this.log = new RollingLog(spec.log(), LOG_LIMIT_BYTES);
    }

    ChildSpec spec() {
        return spec;
    }

    synchronized ChildState state() {
        return state;
    }

    synchronized int restarts() {
        return restarts;
    }

    void start() {
        Thread.ofPlatform().name("child-" + spec.name()).daemon().start(this::keepRunning);
    }

    /** False when the time is over, or the child has ended for good. */
    synchronized boolean awaitRunning(Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!(state instanceof ChildState.Running)) {
            long leftMs = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (leftMs <= 0 || state instanceof ChildState.Stopped || state instanceof ChildState.Failed) {
                return false;
            }
            wait(leftMs);
        }
        return true;
    }

    /** Asks the process to end; {@link #awaitEnd} makes sure. */
    synchronized void askToStop() {
        stopping = true;
        if (process == null) {
            become(new ChildState.Stopped());
        } else {
            process.destroy();
        }
    }

    void awaitEnd(Duration limit) throws InterruptedException {
        @Nullable Process last;
        synchronized (this) {
            last = process;
        }
        if (last != null && !last.waitFor(limit)) {
            last.destroyForcibly().waitFor(Duration.ofSeconds(3));
        }
    }

    private void keepRunning() {
        try {
            boolean again = true;
            while (again) {
                again = runOnce();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            if (!(state() instanceof ChildState.Failed)) {
                become(new ChildState.Stopped());
            }
            log.close();
        }
    }

    /** Runs one process to its end; true when another one shall follow. */
    private boolean runOnce() throws InterruptedException {
        String end;
        try {
            Process running = spawn();
            if (running == null) {
                return false;
            }
            // A platform thread: reading a pipe blocks the carrier of a virtual one, and there are few carriers.
            Thread errors = Thread.ofPlatform()
                    .daemon()
                    .name("errors-" + spec.name())
                    .start(() -> pump(running.getErrorStream(), log::add));
            pump(running.getInputStream(), line -> heed(running, line));
            int code = running.waitFor();
            errors.join(Duration.ofSeconds(1));
            end = "exit code " + code;
        } catch (IOException e) {
            end = "could not be started: " + e.getMessage();
        }
        return mourn(end);
    }

    private synchronized @Nullable Process spawn() throws IOException {
        if (stopping) {
            return null;
        }
        Process started = new ProcessBuilder(spec.command())
                .directory(spec.dir().toFile())
                .start();
        process = started;
        become(new ChildState.Starting(started.pid()));
        return started;
    }

    private synchronized void heed(Process running, String line) {
        log.add(line);
        if (line.startsWith("ready") && state instanceof ChildState.Starting && running.isAlive()) {
            become(new ChildState.Running(running.pid(), line));
        }
    }

    private boolean mourn(String end) throws InterruptedException {
        String said = log.lastLine().isEmpty() ? "it said nothing" : "last log line: " + log.lastLine();
        String report = "died (" + end + "); " + said;
        synchronized (this) {
            if (stopping) {
                return false;
            }
            if (!deaths.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime()))) {
                restarts++;
                become(new ChildState.Restarting());
            } else {
                become(new ChildState.Failed(report));
                onTooManyDeaths.accept(report);
                return false;
            }
        }
        onRestart.accept(report);
        Thread.sleep(PAUSE_MS);
        return true;
    }

    private synchronized void become(ChildState next) {
        state = next;
        notifyAll();
    }

    private static void pump(InputStream stream, Consumer<String> sink) {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                sink.accept(line);
            }
        } catch (IOException e) {
            // The process is gone, and its end is reported by its exit code.
        }
    }
}
