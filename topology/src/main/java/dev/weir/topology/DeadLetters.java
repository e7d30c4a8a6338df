package dev.weir.topology;

import dev.weir.schemas.record.DeadLetter;
import java.nio.ByteBuffer;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.NullUnmarked;

/** What is written to the dead-letter topic of a record that could not be used: where it lies, why, and how it begins. */
public final class DeadLetters {
    private static final int HEAD_BYTES = 1024;

    private DeadLetters() {}

    /** @param record may have no value */
    @NullUnmarked
    public static DeadLetter of(Record<byte[], byte[]> record, RecordMetadata metadata, String reason, String detail) {
        byte[] value = record.value() == null ? new byte[0] : record.value();
        return DeadLetter.newBuilder()
                .setTopic(metadata.topic())
                .setPartition(metadata.partition())
                .setOffset(metadata.offset())
                .setReason(reason)
                .setDetail(detail)
                .setHead(ByteBuffer.wrap(value, 0, Math.min(HEAD_BYTES, value.length)))
                .build();
    }
}
