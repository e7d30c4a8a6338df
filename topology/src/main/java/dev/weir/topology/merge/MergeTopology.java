package dev.weir.topology.merge;

import dev.weir.schemas.record.KeyframeKey;
import dev.weir.schemas.record.MergedKey;
import dev.weir.schemas.topic.Topics;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.topology.RecordSerializer;
import dev.weir.topology.store.FoldStores;
import dev.weir.topology.store.Folds;
import dev.weir.topology.store.LogStart;
import java.util.Optional;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.StreamPartitioner;

/**
 * The merge application, one task per partition of deltas.
 *
 * <pre>
 * deltas -- restore-deltas     (nothing: the store folds what it restores)
 *        `- merge == averages  -- acks    -> acks
 *                              |- merged  -> merged
 *                              |- keyframes -> keyframes
 *                              `- dlq     -> dlq
 * </pre>
 */
public final class MergeTopology {
    static final String SOURCE = "deltas";
    static final String RESTORE = "restore-deltas";
    static final String MERGE = "merge";
    static final String STORE = "averages";
    static final String ACKS = "acks";
    static final String MERGED = "merged";
    static final String KEYFRAMES = "keyframes";
    static final String DLQ = "dlq";

    private MergeTopology() {}

    /**
     * @param partitions partitions of deltas
     * @param folds where the folds report themselves
     * @param reader reads the keyframes that folds are resumed from
     * @param policy when to write keyframes
     * @param stagingBytes of what waits for its decision that a partition holds in memory
     */
    public static Topology build(
            Topics topics,
            String model,
            int partitions,
            RecordCodec codec,
            LogStart logStart,
            Folds folds,
            KeyframeReader reader,
            KeyframePolicy policy,
            long stagingBytes) {
        RecordSerializer serializer = new RecordSerializer(codec);
        ByteArrayDeserializer bytes = new ByteArrayDeserializer();
        FoldStores<FoldOutput> store = new FoldStores<>(
                STORE,
                topics.deltas(),
                FoldOutput.NONE,
                new PartitionFolds(topics, partitions, codec, reader, policy, stagingBytes),
                logStart,
                folds);
        Topology topology = new Topology();
        topology.addReadOnlyStateStore(store, SOURCE, bytes, bytes, topics.deltas(), RESTORE, FoldStores.Nothing::new);
        topology.addProcessor(MERGE, () -> new MergeProcessor(model, STORE, folds), SOURCE);
        topology.connectProcessorAndStateStores(MERGE, STORE);
        topology.addSink(ACKS, topics.acks(), serializer, serializer, MERGE);
        topology.addSink(MERGED, topics.merged(), serializer, serializer, new ByChunk(), MERGE);
        topology.addSink(KEYFRAMES, topics.keyframes(), serializer, serializer, new ByChunk(), MERGE);
        topology.addSink(DLQ, topics.dlq(), serializer, serializer, MERGE);
        return topology;
    }

    /** What is about a chunk lies in the partition of its number, an end mark or head in the one that it is about. */
    private static final class ByChunk implements StreamPartitioner<SpecificRecord, SpecificRecord> {
        @Override
        public Optional<Set<Integer>> partitions(
                String topic, SpecificRecord key, SpecificRecord value, int numPartitions) {
            int chunk = key instanceof MergedKey merged ? merged.getChunk() : ((KeyframeKey) key).getChunk();
            return Optional.of(Set.of(chunk >= 0 ? chunk % numPartitions : -1 - chunk));
        }
    }
}
