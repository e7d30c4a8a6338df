package dev.weir.it.fault;

import dev.weir.clients.Connection;
import dev.weir.it.fixture.Cli;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Brokers that can be stopped and started, each in a process of its own, and a registry. */
interface Cluster extends AutoCloseable {

    String bootstrap();

    String registry();

    int brokers();

    /**
     * Stops a broker and starts it again; returns when it answers and all replicas are in sync.
     *
     * @param hard by SIGKILL; else by SIGTERM
     * @return when its process had ended, as nanoTime
     */
    long bounce(int broker, boolean hard) throws Exception;

    @Override
    void close();

    default Connection connection() {
        return new Connection(bootstrap(), registry(), Map.of(), Duration.ofSeconds(60));
    }

    /** Runs a verb against this cluster. */
    default Cli.Result weir(String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of(words));
        command.addAll(List.of("--bootstrap", bootstrap(), "--registry", registry()));
        return Cli.run(command);
    }
}
