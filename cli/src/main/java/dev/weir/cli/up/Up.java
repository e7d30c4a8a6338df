package dev.weir.cli.up;

import dev.weir.cli.WeirException;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;

/** Brings everything up, waits, and takes everything down again. */
public final class Up {

    private static final Duration START_LIMIT = Duration.ofMinutes(5);
    private static final Duration OLD_CHILDREN_LIMIT = Duration.ofSeconds(20);

    private final UpSettings settings;
    private final PrintStream out;
    private final PrintStream err;
    private final Supervisor supervisor;
    private boolean stopped;

    public Up(UpSettings settings, PrintStream out, PrintStream err) {
        this.settings = settings;
        this.out = out;
        this.err = err;
        this.supervisor = new Supervisor(err);
    }

    /** Ends by throwing what went wrong, or with the process, which a signal ends with exit code 0. */
    public void run() throws InterruptedException {
        if (!settings.isLocal()) {
            err.println("weir: --bind " + settings.bind() + ": everybody who reaches this machine can read and write,"
                    + " because nothing here asks for a password; safe: 127.0.0.1; else keep a firewall before it");
        }
        try (DataDir data = DataDir.open(settings.data())) {
            claimPorts(data);
            UpServer server = UpServer.bind(settings);
            Thread onSignal = Thread.ofPlatform().name("signal").unstarted(() -> stopAndHalt(server, data));
            Runtime.getRuntime().addShutdownHook(onSignal);
            WeirException failure;
            try {
                start(data, server);
                failure = supervisor.awaitFailure();
            } catch (WeirException e) {
                failure = e;
            } catch (IOException e) {
                failure = new WeirException(
                        "--data " + data.root(),
                        "cannot be used (" + e.getMessage() + ")",
                        "needed: a writable directory",
                        "",
                        e);
            }
            stop(server);
            forget(onSignal);
            throw failure;
        }
    }

    private void claimPorts(DataDir data) {
        Duration patience = data.uncleanBefore() ? OLD_CHILDREN_LIMIT : Duration.ZERO;
        Ports.requireFree("--kafka-port", settings.bind(), settings.kafkaPort(), patience);
        Ports.requireFree("--registry-port", settings.bind(), settings.registryPort(), patience);
        Ports.requireFree("--http-port", settings.bind(), settings.httpPort(), patience);
    }

    private void start(DataDir data, UpServer server) throws IOException, InterruptedException {
        Parts parts = new Parts(settings, data);
        Child broker = supervisor.start(parts.broker());
        Child registry = supervisor.start(parts.registry());
        supervisor.awaitRunning(broker, START_LIMIT);
        supervisor.awaitRunning(registry, START_LIMIT);
        Applications applications =
                new Applications(settings, data, supervisor, new CatalogueTopics(settings.bootstrap()));
        applications.resume();
        server.start(supervisor::children, applications);
        out.println("ready bootstrap=" + settings.bootstrap() + " registry=" + settings.registryUrl() + " http="
                + settings.httpUrl());
        out.flush();
    }

    /** Runs when a signal ends the process, which is how this verb is done. */
    private void stopAndHalt(UpServer server, DataDir data) {
        stop(server);
        data.close();
        Runtime.getRuntime().halt(0);
    }

    private synchronized void stop(UpServer server) {
        if (stopped) {
            return;
        }
        stopped = true;
        server.stop();
        try {
            supervisor.stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void forget(Thread hook) throws InterruptedException {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // A signal came meanwhile: it ends the process.
            hook.join();
        }
    }
}
