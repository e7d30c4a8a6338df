package dev.weir.topology.compatibility;

import dev.weir.schemas.record.ChannelStandings;
import dev.weir.schemas.record.Compatibility;
import dev.weir.schemas.record.CompatibilityKey;
import dev.weir.schemas.record.DeadLetter;
import dev.weir.schemas.record.ModelKey;
import dev.weir.schemas.record.Promotion;
import dev.weir.schemas.record.SideInput;
import dev.weir.topology.DeadLetters;
import dev.weir.topology.store.FoldStore;
import dev.weir.topology.store.Folds;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.NullUnmarked;

/** Folds each record of predictions into the store and forwards what the fold has to say. */
@NullUnmarked
final class CompatibilityProcessor implements Processor<byte[], byte[], SpecificRecord, SpecificRecord> {
    private final String model;
    private final Folds folds;
    private ProcessorContext<SpecificRecord, SpecificRecord> context;
    private FoldStore<EvaluationOutput> store;

    CompatibilityProcessor(String model, Folds folds) {
        this.model = model;
        this.folds = folds;
    }

    @Override
    public void init(ProcessorContext<SpecificRecord, SpecificRecord> given) {
        context = given;
        store = given.getStateStore(CompatibilityTopology.STORE);
        store.awaitRestored();
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        RecordMetadata metadata = context.recordMetadata().orElseThrow();
        Forward forward = new Forward(record, metadata);
        if (store.fold(
                record.key(), record.value(), record.headers(), metadata.offset(), record.timestamp(), forward)) {
            folds.folded();
        }
        if (forward.decided) {
            context.commit();
        }
    }

    /** Forwards to the sinks, with the timestamp of the record that caused it. */
    private final class Forward implements EvaluationOutput {
        private final Record<byte[], byte[]> cause;
        private final RecordMetadata metadata;
        private boolean decided;

        Forward(Record<byte[], byte[]> cause, RecordMetadata metadata) {
            this.cause = cause;
            this.metadata = metadata;
        }

        @Override
        public void compatibility(Compatibility compatibility) {
            decided |= compatibility.getComplete();
            CompatibilityKey key = CompatibilityKey.newBuilder()
                    .setBaseline(compatibility.getBaseline())
                    .setCandidate(compatibility.getCandidate())
                    .build();
            forward(key, compatibility, CompatibilityTopology.COMPATIBILITY);
        }

        @Override
        public void standings(ChannelStandings standings) {
            forward(ModelKey.newBuilder().setModel(model).build(), standings, CompatibilityTopology.STANDINGS);
        }

        @Override
        public void score(SideInput input) {
            decided = true;
            forward(ModelKey.newBuilder().setModel(model).build(), input, CompatibilityTopology.SIDE_INPUTS);
        }

        @Override
        public void promotion(Promotion promotion) {
            decided = true;
            forward(ModelKey.newBuilder().setModel(model).build(), promotion, CompatibilityTopology.PROMOTIONS);
        }

        @Override
        public void dropped(String reason, String detail) {
            DeadLetter letter = DeadLetters.of(cause, metadata, reason, detail);
            forward(ModelKey.newBuilder().setModel(model).build(), letter, CompatibilityTopology.DLQ);
        }

        private void forward(SpecificRecord key, SpecificRecord value, String sink) {
            context.forward(new Record<>(key, value, cause.timestamp()), sink);
        }
    }
}
