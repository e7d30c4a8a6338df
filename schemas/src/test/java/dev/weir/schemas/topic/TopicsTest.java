package dev.weir.schemas.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.schemas.record.Open;
import dev.weir.schemas.record.Opened;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.schemas.wire.Registry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.kafka.common.internals.Topic;
import org.junit.jupiter.api.Test;

class TopicsTest {
    /** A record's head, its key and provenance. */
    private static final int HEAD_BYTES = 64 << 10;

    private final Topics topics = new Topics("gpt-5.nano");
    private final List<TopicSpec> catalogue = topics.catalogue(8);

    @Test
    void theCatalogueNamesEachTopicOnce() {
        assertThat(catalogue.stream().map(TopicSpec::name))
                .containsExactlyInAnyOrder(
                        topics.deltas(),
                        topics.acks(),
                        topics.sideInputs(),
                        topics.merged(),
                        topics.snapshots(),
                        topics.decisions(),
                        topics.plans(),
                        topics.runs(),
                        topics.keyframes(),
                        topics.predictions(),
                        topics.compatibility(),
                        topics.standings(),
                        topics.promotions(),
                        topics.feedback(),
                        topics.dlq(),
                        topics.coordinateChangelog())
                .allSatisfy(Topic::validate);
    }

    @Test
    void namesBeginWithTheModelAndTheChangelogWithItsApplication() {
        assertThat(topics.deltas()).isEqualTo("gpt-5.nano.deltas");
        assertThat(topics.mergeApplicationId()).isEqualTo("weir-gpt-5.nano-merge");
        assertThat(topics.coordinateChangelog()).isEqualTo("weir-gpt-5.nano-coordinate-state-changelog");
    }

    @Test
    void everyRecordOfTheProtocolHasATopicAndNoOther() {
        List<String> named = catalogue.stream()
                .flatMap(spec -> Stream.concat(Stream.of(spec.keyRecord()), spec.valueRecords().stream()))
                .filter(name -> !name.isEmpty())
                .distinct()
                .collect(Collectors.toList());

        assertThat(named)
                .containsExactlyInAnyOrderElementsOf(
                        Registry.protocol().stream().map(Schema::getFullName).collect(Collectors.toList()));
    }

    @Test
    void theLogStaysForEverAndTakesChunksOfAMebibyte() {
        assertThat(spec(topics.deltas()).partitions()).isEqualTo(8);
        assertThat(spec(topics.deltas()).settings())
                .containsEntry("cleanup.policy", "delete")
                .containsEntry("retention.ms", "-1")
                .containsEntry("max.message.bytes", "4194304")
                .containsEntry("message.timestamp.type", "CreateTime")
                .containsEntry("compression.type", "uncompressed")
                .containsEntry("segment.bytes", "268435456");
        assertThat(spec(topics.merged()).settings())
                .containsEntry("cleanup.policy", "compact")
                .containsEntry("min.compaction.lag.ms", "3600000")
                .doesNotContainKey("retention.ms");
        assertThat(spec(topics.acks()).settings()).containsEntry("retention.ms", "604800000");
        assertThat(spec(topics.dlq()).settings()).containsEntry("retention.ms", "1209600000");
    }

    @Test
    void theLargestChunkFitsIntoARecord() {
        int largest = 4 * Layout.MAX_CHUNK_ELEMENTS + (64 << 10);
        for (String topic : List.of(topics.deltas(), topics.merged())) {
            assertThat(mostBytes(topic)).isGreaterThanOrEqualTo(largest);
        }
    }

    private TopicSpec spec(String name) {
        return catalogue.stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aModelNameThatIsNoneIsRefusedWithTheRule() {
        for (String wrong : List.of("", "GPT", "-a", ".a", "a b", "a/b", "é", "a".repeat(101))) {
            assertThatThrownBy(() -> new Topics(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("model name \"" + wrong + "\"; allowed: 1 to 100 lower-case letters");
        }
        assertThat(new Topics("a".repeat(100)).deltas()).hasSize(107);
    }

    @Test
    void noPartitionsAreRefused() {
        assertThatThrownBy(() -> topics.catalogue(0)).hasMessageContaining("0 partitions; allowed: 1 and more");
    }

    @Test
    void aLayoutThatIsAllowedFitsIntoTheRecordsThatCarryIt() {
        List<TensorSpec> tensors = new ArrayList<>();
        String name = "model.layers.%05d.mlp.experts.weight" + "_".repeat(3000);
        while (Layout.of(tensors(name, tensors.size() + 100)).refusal().isEmpty()) {
            tensors = tensors(name, tensors.size() + 100);
        }
        Layout layout = Layout.of(tensors);
        try (Registry registry = Registry.connect("mock://layouts", Map.of())) {
            RecordCodec codec = registry.codec();
            byte[] open = codec.write(new Open(1, "run-1", 1L, layout.hashRecord(), layout.toRecord(), true, Map.of()));
            byte[] opened =
                    codec.write(new Opened(1, 0, "run-1", 1L, layout.hashRecord(), layout.toRecord(), Map.of()));
            assertThat(open.length).isBetween(3 << 20, mostBytes(topics.deltas()) - HEAD_BYTES);
            assertThat(opened.length).isLessThan(mostBytes(topics.acks()) - HEAD_BYTES);
        }
    }

    private static List<TensorSpec> tensors(String name, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new TensorSpec(String.format(name, i), Dtype.BF16, List.of(2048L, 768L)))
                .toList();
    }

    private int mostBytes(String topic) {
        return Integer.parseInt(spec(topic).settings().get("max.message.bytes"));
    }
}
