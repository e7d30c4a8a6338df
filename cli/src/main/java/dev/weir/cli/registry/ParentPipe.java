package dev.weir.cli.registry;

import java.io.IOException;
import java.io.InputStream;

/**
 * Ends this process when its parent dies, even by SIGKILL: the parent holds the other end of stdin, so that the end of
 * the stream is the parent's death.
 */
public final class ParentPipe {

    /** Set on child processes by the supervisor. */
    public static final String PROPERTY = "weir.child";

    private static final long SHUTDOWN_LIMIT_MS = 10_000;

    private ParentPipe() {}

    public static void watchIfChild() {
        if (System.getProperty(PROPERTY) != null) {
            InputStream pipe = System.in;
            Thread.ofPlatform().name("parent-pipe").daemon().start(() -> untilEnd(pipe));
        }
    }

    private static void untilEnd(InputStream pipe) {
        byte[] ignored = new byte[64];
        try {
            while (pipe.read(ignored) >= 0) {
                // What the parent writes means nothing; only the end does.
            }
        } catch (IOException e) {
            // A broken pipe is the end as well.
        }
        Thread.ofPlatform().name("parent-pipe-limit").daemon().start(ParentPipe::haltLater);
        Runtime.getRuntime().exit(1);
    }

    private static void haltLater() {
        try {
            Thread.sleep(SHUTDOWN_LIMIT_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(1);
    }
}
