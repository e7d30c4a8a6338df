package dev.weir.it.fault;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A few faults of every kind; {@code make soak} has many. */
final class FaultsIT {

    @TempDir
    private Path dir;

    private final long seed = Long.getLong("weir.seed", System.nanoTime());

    @Test
    void nothingIsLostAndNothingIsThereTwice() throws Exception {
        System.out.println("FaultsIT: -Dweir.seed=" + seed);
        try (Cluster cluster = OneBroker.start(dir.resolve("up"));
                Soak soak = Soak.start(cluster, seed, dir)) {
            SoakReport report = soak.run(Schedule.SHORT.faults(new Random(seed), 1, Soak.RUNS), 60);
            System.out.println(report.markdown());
            assertExact(report);
        }
    }

    static void assertExact(SoakReport report) {
        assertThat(report.findings().lost()).isEmpty();
        assertThat(report.findings().twice()).isEmpty();
        assertThat(report.findings().wrong()).isEmpty();
        assertThat(report.findings().snapshots()).isPositive();
        assertThat(report.replays())
                .allMatch(replay -> replay.succeeded()
                        && replay.equal() == report.findings().snapshots());
    }
}
