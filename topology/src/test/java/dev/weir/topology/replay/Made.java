package dev.weir.topology.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.topic.Topics;
import dev.weir.topology.plan.ChannelPlan;
import dev.weir.topology.plan.Plan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;

/** What a log was folded into: manifests and files by channel and version, as "slow 1". */
record Made(PlannedReplay.Report report, Map<String, Manifest> manifests, Map<String, byte[]> files) {
    /**
     * Folds a log into all channels of another plan.
     *
     * @param consumers of the log
     * @param all whether every version is wanted; else the newest
     * @param folder for what is under way
     */
    static Made of(
            SmallLog log,
            Supplier<Consumer<byte[], byte[]>> consumers,
            int threads,
            Plan plan,
            boolean all,
            boolean fromRetained,
            Path folder)
            throws Exception {
        Map<String, Manifest> manifests = new TreeMap<>();
        Map<String, byte[]> files = new TreeMap<>();
        Path work = Files.createTempDirectory(folder, "work");
        PlannedReplay.Report report = new PlannedReplay(
                        new Topics("m"), log.codec(), log.partitionCount(), threads, consumers)
                .run(
                        plan,
                        plan.channels().stream().map(ChannelPlan::name).collect(Collectors.toSet()),
                        all,
                        fromRetained,
                        work,
                        (manifest, weights) -> {
                            String name = manifest.getChannel() + " " + manifest.getVersion();
                            manifests.put(name, manifest);
                            try {
                                files.put(name, Files.readAllBytes(weights));
                                Files.delete(weights);
                            } catch (IOException failed) {
                                throw new UncheckedIOException(failed);
                            }
                        });
        assertThat(work).isEmptyDirectory();
        return new Made(report, manifests, files);
    }

    /** What was left of the log. */
    Retained retained() {
        return Objects.requireNonNull(report.retained());
    }

    /** The manifest of a version. */
    Manifest manifest(String version) {
        return Objects.requireNonNull(manifests.get(version), version);
    }

    /** The weights of a version, one tensor after the other. */
    byte[] weights(String version) {
        byte[] file = Objects.requireNonNull(files.get(version), version);
        long header = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
        return Arrays.copyOfRange(file, Long.BYTES + (int) header, file.length);
    }

    /** Fails unless the other one has the same versions with the same bytes, one at least. */
    void assertSameFiles(Made other) {
        assertThat(files).isNotEmpty().containsOnlyKeys(other.files.keySet());
        other.files.forEach((version, bytes) ->
                assertThat(Arrays.equals(files.get(version), bytes)).as(version).isTrue());
    }
}
