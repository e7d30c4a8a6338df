package dev.weir.cli.up;

import dev.weir.cli.WeirException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;

/** Whether a port can be had. */
final class Ports {

    private static final int POLL_MS = 200;

    private Ports() {}

    /** Waits up to {@code patience} for the port; zero means it must be free now. */
    static void requireFree(String option, String bind, int port, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!isFree(bind, port)) {
            if (System.nanoTime() >= deadline) {
                throw taken(option, bind, port);
            }
            try {
                Thread.sleep(POLL_MS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw taken(option, bind, port);
            }
        }
    }

    static WeirException taken(String option, String bind, int port) {
        return new WeirException(
                option + " " + port,
                "cannot be opened on " + bind + ", most likely because another process holds it",
                "needed: a free port",
                "stop that process, or give another " + option);
    }

    private static boolean isFree(String bind, int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getByName(bind))) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
