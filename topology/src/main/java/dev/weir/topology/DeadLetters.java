package dev.weir.topology;

import dev.weir.schemas.record.DeadLetter;
import java.nio.ByteBuffer;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.NullUnmarked;

/** What is written to the dead-letter topic of a record that could not be used: where it lies, why, and how it begins. */
public final class DeadLetters {
    private static final int HEAD_BYTES = 1024;

    /** Of a detail, which may name an id of any length; a dead letter must fit into its topic. */
    private static final int DETAIL_CHARACTERS = 4096;

    private DeadLetters() {}

    /**
     * @param record may have no value
     * @param detail cut after 4,096 characters, with the number of those that were cut
     */
    @NullUnmarked
    public static DeadLetter of(Record<byte[], byte[]> record, RecordMetadata metadata, String reason, String detail) {
        byte[] value = record.value() == null ? new byte[0] : record.value();
        return DeadLetter.newBuilder()
                .setTopic(metadata.topic())
                .setPartition(metadata.partition())
                .setOffset(metadata.offset())
                .setReason(reason)
                .setDetail(cut(detail))
                .setHead(ByteBuffer.wrap(value, 0, Math.min(HEAD_BYTES, value.length)))
                .build();
    }

    private static String cut(String detail) {
        if (detail.length() <= DETAIL_CHARACTERS) {
            return detail;
        }
        int end = Character.isHighSurrogate(detail.charAt(DETAIL_CHARACTERS - 1))
                ? DETAIL_CHARACTERS - 1
                : DETAIL_CHARACTERS;
        return detail.substring(0, end) + "... (" + (detail.length() - end) + " characters were cut)";
    }
}
