package dev.weir.topology.merge;

import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.topic.Topics;
import dev.weir.schemas.wire.RecordCodec;
import java.util.function.IntFunction;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Opens the fold of a partition from its newest keyframe, or from the beginning of the log where there is none.
 *
 * @param partitions partitions of deltas
 * @param reader reads the keyframes
 * @param policy when to write keyframes
 * @param stagingBytes of what waits for its decision that a partition holds in memory
 */
record PartitionFolds(
        Topics topics,
        int partitions,
        RecordCodec codec,
        KeyframeReader reader,
        KeyframePolicy policy,
        long stagingBytes)
        implements IntFunction<PartitionFold> {

    @Override
    public PartitionFold apply(int partition) {
        TopicPartition source = new TopicPartition(topics.deltas(), partition);
        Refetch log = new LogRefetch(source, reader.consumers(), LogRefetch.PATIENCE);
        Keyframe keyframe = reader.read(partition);
        boolean open = false;
        try {
            PartitionFold fold = new PartitionFold(
                    topics.deltas(),
                    partition,
                    partitions,
                    codec,
                    Kernel.create(),
                    keyframe,
                    policy,
                    new StagingBudget(stagingBytes, log),
                    foresight(source, keyframe));
            open = true;
            return fold;
        } finally {
            if (!open && keyframe != null) {
                keyframe.states().close();
            }
        }
    }

    private Foresight foresight(TopicPartition source, @Nullable Keyframe keyframe) {
        long from = keyframe == null ? 0 : keyframe.head().getNextOffset();
        long seq = keyframe == null ? 0 : keyframe.head().getSeq();
        return Foresight.read(topics.decisions(), source, from, seq, codec, reader.consumers());
    }
}
