package dev.weir.topology.compatibility;

import dev.weir.schemas.topic.Topics;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.topology.RecordSerializer;
import dev.weir.topology.store.FoldStores;
import dev.weir.topology.store.Folds;
import dev.weir.topology.store.LogStart;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.streams.Topology;

/**
 * The compatibility application, one task.
 *
 * <pre>
 * predictions -- restore-predictions      (nothing: the store folds what it restores)
 *             `- compare == evaluations  -- compatibility -> compatibility
 *                                        |- standings     -> standings
 *                                        |- promotions    -> promotions
 *                                        |- side-inputs   -> side-inputs
 *                                        `- dlq           -> dlq
 * </pre>
 */
public final class CompatibilityTopology {
    static final String SOURCE = "predictions";
    static final String RESTORE = "restore-predictions";
    static final String COMPARE = "compare";
    static final String STORE = "evaluations";
    static final String COMPATIBILITY = "compatibility";
    static final String STANDINGS = "standings";
    static final String PROMOTIONS = "promotions";
    static final String SIDE_INPUTS = "side-inputs";
    static final String DLQ = "dlq";

    private CompatibilityTopology() {}

    /** @param folds where the fold reports itself */
    public static Topology build(Topics topics, String model, RecordCodec codec, LogStart logStart, Folds folds) {
        RecordSerializer serializer = new RecordSerializer(codec);
        ByteArrayDeserializer bytes = new ByteArrayDeserializer();
        FoldStores<EvaluationOutput> store = new FoldStores<>(
                STORE,
                topics.predictions(),
                EvaluationOutput.NONE,
                partition -> new EvaluationFold(codec),
                logStart,
                folds);
        Topology topology = new Topology();
        topology.addReadOnlyStateStore(
                store, SOURCE, bytes, bytes, topics.predictions(), RESTORE, FoldStores.Nothing::new);
        topology.addProcessor(COMPARE, () -> new CompatibilityProcessor(model, folds), SOURCE);
        topology.connectProcessorAndStateStores(COMPARE, STORE);
        topology.addSink(COMPATIBILITY, topics.compatibility(), serializer, serializer, COMPARE);
        topology.addSink(STANDINGS, topics.standings(), serializer, serializer, COMPARE);
        topology.addSink(PROMOTIONS, topics.promotions(), serializer, serializer, COMPARE);
        topology.addSink(SIDE_INPUTS, topics.sideInputs(), serializer, serializer, COMPARE);
        topology.addSink(DLQ, topics.dlq(), serializer, serializer, COMPARE);
        return topology;
    }
}
