package dev.weir.topology.merge;

import dev.weir.schemas.record.DeadLetter;
import dev.weir.schemas.record.KeyframeHead;
import dev.weir.schemas.record.KeyframeKey;
import dev.weir.schemas.record.MergedChunk;
import dev.weir.schemas.record.MergedEnd;
import dev.weir.schemas.record.MergedKey;
import dev.weir.schemas.record.ModelKey;
import dev.weir.schemas.record.Staging;
import dev.weir.topology.DeadLetters;
import dev.weir.topology.IdleCommit;
import dev.weir.topology.store.FoldStore;
import dev.weir.topology.store.Folds;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;

/** Folds each record of deltas into the store and forwards what the fold has to say. */
@NullUnmarked
final class MergeProcessor implements Processor<byte[], byte[], SpecificRecord, SpecificRecord> {
    /** Acknowledgements of younger records are committed at once, and their checkpoints folded without waiting for the next. */
    private static final long FRESH_MS = 1_000;

    private final String model;
    private final String storeName;
    private final Folds folds;
    private ProcessorContext<SpecificRecord, SpecificRecord> context;
    private FoldStore<FoldOutput> store;
    private IdleCommit idle;

    MergeProcessor(String model, String storeName, Folds folds) {
        this.model = model;
        this.storeName = storeName;
        this.folds = folds;
    }

    @Override
    public void init(ProcessorContext<SpecificRecord, SpecificRecord> given) {
        context = given;
        store = given.getStateStore(storeName);
        store.awaitRestored();
        idle = new IdleCommit(context, folds::recordsFolded);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        RecordMetadata metadata = context.recordMetadata().orElseThrow();
        Forward forward = new Forward(record, metadata);
        if (store.fold(
                record.key(), record.value(), record.headers(), metadata.offset(), record.timestamp(), forward)) {
            folds.folded();
        } else {
            ReceivedPayload.dropped(record.headers());
        }
        if (forward.awaited && forward.behind()) {
            // Where more is there already the commit interval does, because a commit waits until all that was emitted
            // is
            // written; what comes last has the end of the log.
            idle.said();
        } else if (forward.awaited) {
            context.commit();
        }
    }

    @Override
    public void close() {
        if (idle != null) {
            idle.cancel();
        }
    }

    /** Forwards to the sinks, with the timestamp of the record that caused it. */
    private final class Forward implements FoldOutput {
        private final Record<byte[], byte[]> cause;
        private final RecordMetadata metadata;
        /** Whether the coordinator waits for what was said, which it sees only once it is committed. */
        private boolean awaited;

        Forward(Record<byte[], byte[]> cause, RecordMetadata metadata) {
            this.cause = cause;
            this.metadata = metadata;
        }

        @Override
        public boolean behind() {
            return context.currentSystemTimeMs() - cause.timestamp() >= FRESH_MS;
        }

        @Override
        public void ack(SpecificRecord ack) {
            // That a checkpoint has begun only starts a clock, which can wait for the next commit.
            awaited |= !(ack instanceof Staging);
            forward(ModelKey.newBuilder().setModel(model).build(), ack, MergeTopology.ACKS);
        }

        @Override
        public void merged(MergedChunk chunk) {
            forward(key(chunk.getChannel(), chunk.getVersion(), chunk.getChunk()), chunk, MergeTopology.MERGED);
        }

        @Override
        public void ended(MergedEnd end) {
            forward(
                    key(end.getChannel(), end.getVersion(), -1 - end.getPart().getPartition()),
                    end,
                    MergeTopology.MERGED);
        }

        @Override
        public void retired(String channel, long version, int chunk) {
            forward(key(channel, version, chunk), null, MergeTopology.MERGED);
        }

        @Override
        public void keyframe(KeyframeKey key, @Nullable SpecificRecord value) {
            forward(key, value, MergeTopology.KEYFRAMES);
            if (value instanceof KeyframeHead head) {
                folds.keyframe(metadata.partition(), metadata.offset(), head.getOldestNeeded());
            }
        }

        @Override
        public void dropped(String reason, String detail) {
            DeadLetter letter = DeadLetters.of(cause, metadata, reason, detail);
            forward(ModelKey.newBuilder().setModel(model).build(), letter, MergeTopology.DLQ);
        }

        private MergedKey key(String channel, long version, int chunk) {
            return MergedKey.newBuilder()
                    .setChannel(channel)
                    .setVersion(version)
                    .setChunk(chunk)
                    .build();
        }

        private void forward(SpecificRecord key, @Nullable SpecificRecord value, String sink) {
            context.forward(new Record<>(key, value, cause.timestamp()), sink);
        }
    }
}
