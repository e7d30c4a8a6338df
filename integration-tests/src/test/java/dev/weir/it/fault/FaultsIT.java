package dev.weir.it.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.record.MergedChunk;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A few faults of every kind, one after the other; {@code make soak} has many. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class FaultsIT {

    @TempDir
    private static Path dir;

    private final long seed = Long.getLong("weir.seed", System.nanoTime());
    private SoakReport report;

    @BeforeAll
    void soak() throws Exception {
        System.out.println("FaultsIT: -Dweir.seed=" + seed);
        try (Cluster cluster = OneBroker.start(dir.resolve("up"));
                Soak soak = Soak.start(cluster, seed, dir)) {
            report = soak.run(Schedule.SHORT.faults(new Random(seed), 1, Soak.RUNS), 60);
        }
        System.out.println(report.markdown());
    }

    @Test
    void nothingIsLostAndNothingIsThereTwice() {
        assertExact(report);
    }

    @Test
    void everyPointWasReachedAndAKillBetweenRecordsLeftATransactionOpen() {
        assertThat(report.notReached()).isEmpty();
        assertThat(report.results())
                .filteredOn(result -> result.fault() instanceof Fault.KillAt kill
                        && (kill.point() == Point.AFTER_SEND || kill.point() == Point.BEFORE_COMMIT))
                .hasSizeGreaterThanOrEqualTo(2)
                .allMatch(Result::insideTransaction);
    }

    @Test
    void whatIsTakenOutOfTheLogIsFoundToBeLost() {
        String snapshots = report.log().topics().snapshots();
        String merged = report.log().topics().merged();
        assertThat(check(report.log().with(snapshots, 0, FaultsIT::withoutAManifest))
                        .lost())
                .anyMatch(lost -> lost.startsWith("manifest of "));
        assertThat(check(report.log().with(merged, 1, FaultsIT::withoutAChunk)).wrong())
                .anyMatch(wrong -> wrong.contains("its merged chunks have another digest"));
    }

    @Test
    void whatIsInTheLogAgainIsFoundToBeThereTwice() {
        String merged = report.log().topics().merged();
        String decisions = report.log().topics().decisions();
        assertThat(check(report.log().with(merged, 2, FaultsIT::twice)).twice()).isNotEmpty();
        assertThat(check(report.log().with(decisions, 0, FaultsIT::twice)).wrong())
                .isNotEmpty();
    }

    @Test
    void anotherOrderOfDecisionsOrAFlippedBitGivesAnotherDigest() {
        String deltas = report.log().topics().deltas();
        String merged = report.log().topics().merged();
        CommittedLog swapped = report.log();
        for (int partition = 0; partition < Soak.PARTITIONS; partition++) {
            swapped = swapped.with(deltas, partition, FaultsIT::decisionsSwapped);
        }
        assertThat(check(swapped.with(swapped.topics().decisions(), 0, FaultsIT::decisionsSwapped))
                        .wrong())
                .anyMatch(wrong -> wrong.contains("another digest than the fold of the log"));
        assertThat(check(report.log().with(merged, 3, FaultsIT::bitFlipped)).wrong())
                .anyMatch(wrong -> wrong.contains("its merged chunks have another digest"));
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

    private LogCheck.Findings check(CommittedLog log) {
        return LogCheck.check(log, seed, report.acceptedSteps());
    }

    private static List<SpecificRecord> withoutAManifest(List<SpecificRecord> values) {
        values.remove(last(values, Manifest.class));
        return values;
    }

    private static List<SpecificRecord> withoutAChunk(List<SpecificRecord> values) {
        values.remove(last(values, MergedChunk.class));
        return values;
    }

    private static List<SpecificRecord> twice(List<SpecificRecord> values) {
        values.add(values.getLast());
        return values;
    }

    private static List<SpecificRecord> bitFlipped(List<SpecificRecord> values) {
        int at = last(values, MergedChunk.class);
        MergedChunk chunk = (MergedChunk) values.get(at);
        ByteBuffer bytes = ByteBuffer.allocate(chunk.getPayload().remaining())
                .put(chunk.getPayload().duplicate())
                .flip();
        bytes.put(0, (byte) (bytes.get(0) ^ 1));
        values.set(
                at,
                new MergedChunk(
                        chunk.getFormatVersion(),
                        chunk.getChannel(),
                        chunk.getVersion(),
                        chunk.getSeq(),
                        chunk.getLayoutHash(),
                        chunk.getChunk(),
                        chunk.getCrc32c(),
                        bytes));
        return values;
    }

    /** The last two checkpoints that were accepted, in the other order, with each other's versions and numbers. */
    private static List<SpecificRecord> decisionsSwapped(List<SpecificRecord> values) {
        List<Integer> commits = java.util.stream.IntStream.range(0, values.size())
                .filter(i -> values.get(i) instanceof Decision decision
                        && decision.getReason().isEmpty())
                .boxed()
                .toList();
        int a = commits.get(commits.size() - 2);
        int b = commits.getLast();
        Decision first = (Decision) values.get(a);
        Decision second = (Decision) values.get(b);
        values.set(a, inThePlaceOf(first, second));
        values.set(b, inThePlaceOf(second, first));
        return values;
    }

    private static Decision inThePlaceOf(Decision place, Decision decision) {
        return new Decision(
                decision.getFormatVersion(),
                place.getSeq(),
                decision.getRun(),
                decision.getEpoch(),
                decision.getStep(),
                decision.getVerdict(),
                decision.getReason(),
                decision.getLayoutHash(),
                decision.getCheckpointDigest(),
                place.getUpdates(),
                place.getInputs(),
                place.getPassedBy(),
                List.of(),
                Map.of());
    }

    private static int last(List<SpecificRecord> values, Class<?> type) {
        for (int i = values.size() - 1; i >= 0; i--) {
            if (type.isInstance(values.get(i))) {
                return i;
            }
        }
        throw new AssertionError("no " + type.getSimpleName());
    }
}
