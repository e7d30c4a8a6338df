package dev.weir.topology.merge;

import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.wire.RecordCodec;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/** Folds of a log of one partition that write keyframes, and the reader of what they wrote. */
final class Keyframes {
    static final String APPLICATION = "weir-m-merge";

    private static final TopicPartition TOPIC = new TopicPartition("m.keyframes", 0);

    private final RecordCodec codec;

    Keyframes(RecordCodec codec) {
        this.codec = codec;
    }

    PartitionFold fold(@Nullable Keyframe keyframe, @Nullable KeyframePolicy policy) {
        return fold(keyframe, policy, StagingBudget.UNLIMITED, Foresight.none());
    }

    PartitionFold fold(
            @Nullable Keyframe keyframe, @Nullable KeyframePolicy policy, StagingBudget budget, Foresight foresight) {
        return new PartitionFold("m.deltas", 0, 1, codec, Kernel.create(), keyframe, policy, budget, foresight);
    }

    static void feed(PartitionFold fold, List<RandomLog.Entry> log, int from, FoldOutput out) {
        for (int offset = from; offset < log.size(); offset++) {
            RandomLog.Entry entry = log.get(offset);
            fold.apply(entry.key(), entry.value(), new RecordHeaders(), offset, 0, out);
        }
    }

    /** @param committed the group's offset; -1: it has none */
    KeyframeReader reader(Said said, String application, long committed) {
        return new KeyframeReader(
                TOPIC.topic(),
                "m.deltas",
                application,
                codec,
                () -> {
                    MockConsumer<byte[], ByteBuffer> consumer = new MockConsumer<>("earliest");
                    consumer.updateBeginningOffsets(Map.of(TOPIC, 0L));
                    consumer.updateEndOffsets(Map.of(TOPIC, (long) said.keyframes.size()));
                    consumer.schedulePollTask(() -> said.addTo(consumer, TOPIC));
                    return consumer;
                },
                () -> {
                    throw new IllegalStateException("not asked for");
                },
                partition -> committed);
    }
}
