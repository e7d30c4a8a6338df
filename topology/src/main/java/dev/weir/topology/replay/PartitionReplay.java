package dev.weir.topology.replay;

import dev.weir.schemas.record.Applied;
import dev.weir.schemas.record.KeyframeKey;
import dev.weir.schemas.record.MergedChunk;
import dev.weir.schemas.record.MergedEnd;
import dev.weir.topology.merge.FoldOutput;
import dev.weir.topology.merge.PartitionFold;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** Folds one partition of deltas again, from one emitting decision to the next. */
final class PartitionReplay implements AutoCloseable {
    /**
     * What one decision emitted in this partition.
     *
     * @param seq the decision
     * @param versions channel and version, in the order of emission
     * @param chunks merged chunks of all of them, in the order of emission
     */
    record Emission(long seq, List<VersionId> versions, List<MergedChunk> chunks) {}

    private final PartitionLog log;
    private final long end;
    private final PartitionFold fold;

    /** @param end offset to stop at */
    PartitionReplay(PartitionLog log, long end, PartitionFold fold) {
        this.log = log;
        this.end = end;
        this.fold = fold;
    }

    /** Folds up to and including the next decision that emits; null at the end of the log. */
    @Nullable
    Emission advance() {
        Collect collect = new Collect();
        while (!collect.applied) {
            ConsumerRecord<byte[], byte[]> record = log.next(end);
            if (record == null) {
                return null;
            }
            fold.apply(record.key(), record.value(), record.headers(), record.offset(), record.timestamp(), collect);
        }
        return new Emission(fold.seq(), collect.versions, collect.chunks);
    }

    long records() {
        return log.records();
    }

    @Override
    public void close() {
        log.close();
        fold.close();
    }

    private static final class Collect implements FoldOutput {
        private final List<VersionId> versions = new ArrayList<>();
        private final List<MergedChunk> chunks = new ArrayList<>();
        private boolean applied;

        @Override
        public void ack(SpecificRecord ack) {
            applied |= ack instanceof Applied;
        }

        @Override
        public void merged(MergedChunk chunk) {
            ByteBuffer lent = chunk.getPayload();
            ByteBuffer copy =
                    ByteBuffer.allocate(lent.remaining()).put(lent.duplicate()).flip();
            chunks.add(new MergedChunk(
                    chunk.getFormatVersion(),
                    chunk.getChannel(),
                    chunk.getVersion(),
                    chunk.getSeq(),
                    chunk.getLayoutHash(),
                    chunk.getChunk(),
                    chunk.getCrc32c(),
                    copy));
        }

        @Override
        public void ended(MergedEnd ended) {
            versions.add(new VersionId(ended.getChannel(), ended.getVersion()));
        }

        @Override
        public void retired(String channel, long version, int chunk) {}

        @Override
        public void keyframe(KeyframeKey key, @Nullable SpecificRecord value) {}

        @Override
        public void dropped(String reason, String detail) {}
    }
}
