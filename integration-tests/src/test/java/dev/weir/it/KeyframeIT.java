package dev.weir.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.it.fixture.Broker;
import dev.weir.it.fixture.Model;
import dev.weir.it.fixture.Reference;
import dev.weir.it.fixture.Trainer;
import dev.weir.it.fixture.Trajectory;
import dev.weir.it.fixture.UpProcess;
import dev.weir.it.fixture.UpProcess.Ports;
import dev.weir.it.fixture.Weights;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log whose beginning is gone and a disk that is empty: the fold goes on from its keyframe, bit for bit. */
final class KeyframeIT {

    private static final String MODEL = "keyframes";
    private static final Map<String, String> SHORT = Map.of(
            "WEIR_KEYFRAME_DECISIONS",
            "4",
            "WEIR_DELTAS_RETENTION_MS",
            "0",
            "WEIR_STAGING_BYTES",
            "0",
            "WEIR_SESSION_TIMEOUT_MS",
            "4000",
            "WEIR_TRANSACTION_TIMEOUT_MS",
            "5000");

    @TempDir
    private Path data;

    @Test
    void whatNoKeyframeNeedsIsDeletedAndAnEmptyDiskGoesOnFromTheKeyframe() throws Exception {
        SortedMap<Long, Weights> checkpoints = Trajectory.checkpoints();
        List<String> undisturbed = Reference.ema(0.9).addAll(List.copyOf(checkpoints.values())).stream()
                .map(Weights::digest)
                .toList();
        Ports ports = Ports.free();
        long half = List.copyOf(checkpoints.keySet()).get(30);
        try (UpProcess up = UpProcess.start(data, ports, SHORT).awaitReady();
                Broker broker = Broker.of(up);
                Model model = Model.apply(up, MODEL, Model.ema(0.9), "{name: mean, operator: swa}")) {
            new Trainer(model, "run-1", new TreeMap<>(checkpoints.headMap(half))).publishAll(step -> {});
            UpProcess.await(Duration.ofSeconds(60), () -> shortened(up).size() == 4);
            for (int partition = 0; partition < 4; partition++) {
                assertThat(start(broker, model, partition)).isPositive();
            }
            up.child("merge", MODEL).destroyForcibly();
            up.process().destroy();
            up.process().waitFor();
        }
        delete(data.resolve("models").resolve(MODEL).resolve("merge"));
        try (UpProcess up = UpProcess.start(data, ports, SHORT).awaitReady();
                Broker broker = Broker.of(up);
                Model model = Model.of(up, MODEL)) {
            new Trainer(model, "run-2", new TreeMap<>(checkpoints.tailMap(half))).publishAll(step -> {});
            assertThat(model.digests("ema-0.9")).isEqualTo(undisturbed);
            assertThat(model.digests("mean")).hasSize(60).last().isEqualTo(meanOf(checkpoints));
            JsonNode merge = up.application(MODEL, "merge");
            // Four partitions; a checkpoint has one chunk, one end and one decision in each; an anchor is 16 back at
            // most.
            assertThat(merge.path("foldedAgain").asLong()).isBetween(1L, 4 * 3 * (12 + 16L));

            TopicPartition cut = new TopicPartition(model.topics().deltas(), 1);
            long end = Broker.get(broker.admin()
                            .listOffsets(Map.of(cut, OffsetSpec.latest()))
                            .partitionResult(cut))
                    .offset();
            Broker.get(broker.admin()
                    .deleteRecords(Map.of(cut, RecordsToDelete.beforeOffset(end)))
                    .all());
            up.child("merge", MODEL).destroyForcibly();
            assertThat(up.awaitFailure("merge", MODEL))
                    .contains("keyframes.deltas-1: offsets ", " to " + (end - 1) + " are gone", "retention.ms");
        }
    }

    private static String meanOf(SortedMap<Long, Weights> checkpoints) {
        return Reference.mean(List.copyOf(checkpoints.values())).digest();
    }

    private static JsonNode shortened(UpProcess up) {
        try {
            return up.application(MODEL, "merge").path("deltasKeptFrom");
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static long start(Broker broker, Model model, int partition) throws Exception {
        TopicPartition source = new TopicPartition(model.topics().deltas(), partition);
        return Broker.get(broker.admin()
                        .listOffsets(Map.of(source, OffsetSpec.earliest()))
                        .partitionResult(source))
                .offset();
    }

    private static void delete(Path dir) throws Exception {
        try (Stream<Path> paths = Files.walk(dir)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
