package dev.weir.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.schemas.topic.Topics;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.schemas.wire.Registry;
import dev.weir.topology.compatibility.CompatibilityTopology;
import dev.weir.topology.coordinate.CoordinateStatus;
import dev.weir.topology.coordinate.CoordinateTopology;
import dev.weir.topology.merge.KeyframePolicy;
import dev.weir.topology.merge.KeyframeReader;
import dev.weir.topology.merge.MergeTopology;
import dev.weir.topology.store.Folds;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.streams.Topology;
import org.junit.jupiter.api.Test;

/** Every node, store and topic is named, and the names do not change unnoticed: they are state on brokers. */
final class TopologyDescriptionTest {
    private final Topics topics = new Topics("mnist");
    private final RecordCodec codec =
            Registry.connect("mock://topology-description", Map.of()).codec();

    @Test
    void mergeIsAsPinned() throws IOException {
        KeyframeReader reader = new KeyframeReader(
                topics.keyframes(),
                topics.deltas(),
                topics.mergeApplicationId(),
                codec,
                () -> {
                    throw new IllegalStateException("not asked for");
                },
                () -> {
                    throw new IllegalStateException("not asked for");
                },
                partition -> -1);
        KeyframePolicy policy = new KeyframePolicy(topics.mergeApplicationId(), 16, 0);
        assertPinned(
                "merge-topology.txt",
                MergeTopology.build(topics, "mnist", 4, codec, partition -> 0, new Folds(), reader, policy, 1L << 30));
    }

    @Test
    void coordinateIsAsPinned() throws IOException {
        CoordinateTopology.Outside outside = new CoordinateTopology.Outside(
                () -> {
                    throw new IllegalStateException("not asked for");
                },
                () -> {
                    throw new IllegalStateException("not asked for");
                },
                (number, channel, version) -> {},
                failure -> {});
        assertPinned(
                "coordinate-topology.txt",
                CoordinateTopology.build(topics, "mnist", 4, 1000, codec, new CoordinateStatus(), outside));
    }

    @Test
    void compatibilityIsAsPinned() throws IOException {
        assertPinned(
                "compatibility-topology.txt",
                CompatibilityTopology.build(topics, "mnist", codec, partition -> 0, new Folds()));
    }

    private static void assertPinned(String resource, Topology topology) throws IOException {
        try (InputStream pinned =
                Objects.requireNonNull(TopologyDescriptionTest.class.getResourceAsStream("/" + resource), resource)) {
            assertThat(topology.describe().toString().strip())
                    .isEqualTo(new String(pinned.readAllBytes(), StandardCharsets.UTF_8).strip());
        }
    }
}
