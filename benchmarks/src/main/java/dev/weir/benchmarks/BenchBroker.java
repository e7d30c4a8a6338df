package dev.weir.benchmarks;

import dev.weir.cli.up.JavaCommand;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A broker in a process of its own, with nothing beside it. A new group waits for its members, so that all stream
 * threads of an application have their share from the first record on.
 */
final class BenchBroker implements AutoCloseable {
    private static final int JOIN_WAIT_MS = 400;

    private final Process process;
    private final String bootstrap;

    private BenchBroker(Process process, String bootstrap) {
        this.process = process;
        this.bootstrap = bootstrap;
    }

    static BenchBroker start(Path dir) throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            port = socket.getLocalPort();
        }
        Process process = new ProcessBuilder(new JavaCommand("broker", "-Xmx768m")
                        .with(JavaCommand.LARGE_RECORDS)
                        .verb(
                                "broker",
                                "--port",
                                Integer.toString(port),
                                "--dir",
                                dir.toString(),
                                "--join-wait-ms",
                                Integer.toString(JOIN_WAIT_MS)))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith("ready ")) {
                return new BenchBroker(process, line.substring(line.indexOf('=') + 1));
            }
        }
        process.destroyForcibly();
        throw new IOException("the broker ended before it was ready; see the lines above");
    }

    String bootstrap() {
        return bootstrap;
    }

    /** Processor time that it has used. */
    Duration cpu() {
        return process.toHandle().info().totalCpuDuration().orElse(Duration.ZERO);
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException interrupted) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
