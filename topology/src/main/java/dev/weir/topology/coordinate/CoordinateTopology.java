package dev.weir.topology.coordinate;

import dev.weir.schemas.topic.Topics;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.topology.RecordSerializer;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.StreamPartitioner;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * The coordinate application, one task.
 *
 * <pre>
 * acks        --.
 * side-inputs --|
 * promotions  --|
 * plans       --+- coordinate == state  -- deltas      -> deltas, every partition
 *                                       |- predictions -> predictions
 *                                       |- decisions   -> decisions
 *                                       |- plans-out   -> plans
 *                                       |- snapshots   -> snapshots
 *                                       `- feedback    -> feedback
 * </pre>
 */
public final class CoordinateTopology {
    static final String ACKS = "acks";
    static final String PROPOSALS = "plans";
    static final String PROMOTIONS = "promotions";
    static final String SIDE_INPUTS = "side-inputs";
    static final String COORDINATE = "coordinate";
    static final String STORE = "state";
    static final String DELTAS = "deltas";
    static final String DECISIONS = "decisions";
    static final String PLANS = "plans-out";
    static final String SNAPSHOTS = "snapshots";
    static final String PREDICTIONS = "predictions";
    static final String FEEDBACK = "feedback";
    static final String DLQ = "dlq";

    private CoordinateTopology() {}

    /**
     * What the coordinator needs of the world outside its topology.
     *
     * @param mergedConsumers opens read_committed consumers that subscribe to nothing
     * @param producers opens producers without transactions
     * @param pinner publishes baselines into deltas
     * @param onFailure told when sealing cannot go on
     */
    public record Outside(
            Supplier<org.apache.kafka.clients.consumer.Consumer<byte[], byte[]>> mergedConsumers,
            Supplier<Producer<byte[], byte[]>> producers,
            Pinner pinner,
            Consumer<Throwable> onFailure) {}

    /**
     * @param partitions partitions of deltas
     * @param checkpointTimeoutMs a checkpoint that is not complete so long after its first record is given up
     */
    public static Topology build(
            Topics topics,
            String model,
            int partitions,
            long checkpointTimeoutMs,
            RecordCodec codec,
            CoordinateStatus status,
            Outside outside) {
        RecordSerializer serializer = new RecordSerializer(codec);
        ByteArrayDeserializer bytes = new ByteArrayDeserializer();
        // On disk although it is small: without a persistent store Streams takes a new process id at every start, and a
        // killed coordinator's open transaction would hide its verdicts until it times out.
        StoreBuilder<KeyValueStore<String, byte[]>> store = Stores.keyValueStoreBuilder(
                        Stores.persistentKeyValueStore(STORE), Serdes.String(), Serdes.ByteArray())
                .withLoggingEnabled(Map.of())
                .withCachingDisabled();
        Topology topology = new Topology();
        topology.addSource(ACKS, bytes, bytes, topics.acks());
        topology.addSource(PROPOSALS, bytes, bytes, topics.plans());
        topology.addSource(PROMOTIONS, bytes, bytes, topics.promotions());
        topology.addSource(SIDE_INPUTS, bytes, bytes, topics.sideInputs());
        topology.addProcessor(
                COORDINATE,
                () -> new CoordinateProcessor(
                        model,
                        partitions,
                        checkpointTimeoutMs,
                        codec,
                        status,
                        outside.pinner(),
                        positions -> new Sealer(
                                topics,
                                model,
                                partitions,
                                codec,
                                () -> new MergedReader(
                                        outside.mergedConsumers().get(),
                                        codec,
                                        topics.merged(),
                                        partitions,
                                        positions.nextOffsets()),
                                outside.producers(),
                                outside.onFailure())),
                ACKS,
                PROPOSALS,
                PROMOTIONS,
                SIDE_INPUTS);
        topology.addStateStore(store, COORDINATE);
        topology.addSink(DELTAS, topics.deltas(), serializer, serializer, new ToAll(), COORDINATE);
        topology.addSink(DECISIONS, topics.decisions(), serializer, serializer, COORDINATE);
        topology.addSink(PLANS, topics.plans(), serializer, serializer, COORDINATE);
        topology.addSink(SNAPSHOTS, topics.snapshots(), serializer, serializer, COORDINATE);
        topology.addSink(PREDICTIONS, topics.predictions(), serializer, serializer, COORDINATE);
        topology.addSink(FEEDBACK, topics.feedback(), serializer, serializer, COORDINATE);
        topology.addSink(DLQ, topics.dlq(), serializer, serializer, COORDINATE);
        return topology;
    }

    /** A verdict is written to every partition, in one transaction. */
    private static final class ToAll implements StreamPartitioner<SpecificRecord, SpecificRecord> {
        @Override
        public Optional<Set<Integer>> partitions(
                String topic, SpecificRecord key, SpecificRecord value, int numPartitions) {
            return Optional.of(IntStream.range(0, numPartitions).boxed().collect(Collectors.toSet()));
        }
    }
}
