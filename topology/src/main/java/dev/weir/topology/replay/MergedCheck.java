package dev.weir.topology.replay;

import dev.weir.schemas.record.Manifest;
import dev.weir.schemas.record.MergedChunk;
import dev.weir.schemas.record.MergedKey;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.topic.Topics;
import dev.weir.schemas.wire.BadRecordException;
import dev.weir.schemas.wire.RecordCodec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** Compares the merged chunks that the log holds with those that a replay produced. The newest record of a key counts. */
final class MergedCheck {
    /** What the log holds of a chunk. */
    private enum Found {
        EQUAL,
        OTHER,
        RETIRED
    }

    private final Topics topics;
    private final RecordCodec codec;
    private final int partitions;
    private final Supplier<Consumer<byte[], byte[]>> consumers;
    private final Map<VersionId, Manifest> manifests;
    private final ExpectedChunks expected;
    private final Map<VersionId, Map<Integer, Found>> found = new HashMap<>();

    MergedCheck(
            Topics topics,
            RecordCodec codec,
            int partitions,
            Supplier<Consumer<byte[], byte[]>> consumers,
            Map<VersionId, Manifest> manifests,
            ExpectedChunks expected) {
        this.topics = topics;
        this.codec = codec;
        this.partitions = partitions;
        this.consumers = consumers;
        this.manifests = manifests;
        this.expected = expected;
    }

    void run(List<ReplayReport.Difference> differences) {
        LogScan.of(consumers, topics.merged(), partitions, this::take, codec);
        manifests.forEach((id, manifest) -> {
            Layout layout = Layout.fromRecord(manifest.getLayout());
            Map<Integer, Found> chunks = found.getOrDefault(id, Map.of());
            // A version of which nothing is left was retired and compacted away; a part of one is damage.
            boolean gone = chunks.values().stream().allMatch(Found.RETIRED::equals);
            for (int chunk : expected.chunks(id)) {
                Found what = chunks.get(chunk);
                if (what == Found.OTHER || (what == null && !gone)) {
                    differences.add(new ReplayReport.Difference(
                            id.channel(),
                            id.version(),
                            layout.tensorOf(layout.chunk(chunk)).name(),
                            "chunk " + chunk + (what == null ? " is missing in " : " has other bytes in ")
                                    + topics.merged() + "-" + Layout.partition(chunk, partitions)));
                }
            }
        });
    }

    private void take(ConsumerRecord<byte[], byte[]> record, @Nullable SpecificRecord value) {
        MergedKey key;
        try {
            key = codec.read(record.key(), MergedKey.class);
        } catch (BadRecordException foreign) {
            return;
        }
        VersionId id = new VersionId(key.getChannel(), key.getVersion());
        if (key.getChunk() < 0 || !manifests.containsKey(id)) {
            return;
        }
        Found what;
        if (record.value() == null) {
            what = Found.RETIRED;
        } else {
            what = value instanceof MergedChunk chunk && expected.matches(id, key.getChunk(), chunk.getPayload())
                    ? Found.EQUAL
                    : Found.OTHER;
        }
        found.computeIfAbsent(id, version -> new HashMap<>()).put(key.getChunk(), what);
    }
}
