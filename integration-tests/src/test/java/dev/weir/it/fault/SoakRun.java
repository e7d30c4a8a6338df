package dev.weir.it.fault;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** The long run, {@code make soak}; no part of the tests, because of its name. Writes {@code docs/soak.md}. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class SoakRun {
    private static final Path REPORT =
            Path.of(System.getProperty("weir.root", "..")).resolve("docs/soak.md");
    private static final String HEAD =
            """
            # Soak

            Written by `make soak`, its last run. Real applications in processes of their own, faults one after the other: the
            next one happens as soon as a read_committed reader has seen output again, often before the instance that was
            killed is back. A kill at a named point is a SIGKILL that the process raises at the n-th pass of that method,
            after what its open transaction has sent is flushed. *Folded again* is when every partition that was worked on
            has folded a record again, *visible again* when a read_committed reader has got a merged chunk of each of them
            (of coordinate: a state change, a manifest). A second instance takes over after the session timeout of %d ms.
            Times are of one run on %d processors that brokers, registry, instances, trainers and readers shared; they are no
            benchmark.

            """.formatted(Instance.SESSION_TIMEOUT_MS, Runtime.getRuntime().availableProcessors());

    @TempDir
    private Path dir;

    private final long seed = Long.getLong("weir.seed", System.nanoTime());

    @Test
    @Order(1)
    void aThousandCheckpointsThroughEveryFault() throws Exception {
        System.out.println("SoakRun: -Dweir.seed=" + seed);
        SoakReport report;
        try (Cluster cluster = OneBroker.start(dir.resolve("up"));
                Soak soak = Soak.start(cluster, seed, dir)) {
            report = soak.run(Schedule.SOAK.faults(new Random(seed), 1, Soak.RUNS), 1_000);
        }
        write(HEAD + report.markdown());
        FaultsIT.assertExact(report);
        assertThat(report.findings().committed()).isGreaterThanOrEqualTo(1_000);
        assertThat(report.kills()).isGreaterThanOrEqualTo(50);
        assertThat(report.insideTransaction()).isGreaterThanOrEqualTo(40);
        assertThat(report.count("broker")).isEqualTo(10);
        assertThat(report.count("SIGSTOP")).isEqualTo(10);
        assertThat(report.count("fenced trainer")).isEqualTo(5);
    }

    @Test
    @Order(2)
    void threeBrokersWithReplication() throws Exception {
        SoakReport report;
        try (Cluster cluster = ThreeBrokers.start(dir);
                Soak soak = Soak.start(cluster, seed, dir)) {
            report = soak.run(Schedule.REPLICATED.faults(new Random(seed), cluster.brokers(), Soak.RUNS), 200);
        }
        write((Files.exists(REPORT) ? Files.readString(REPORT) : HEAD) + "\n" + report.markdown());
        FaultsIT.assertExact(report);
    }

    private static void write(String report) throws IOException {
        Files.writeString(REPORT, report);
    }
}
