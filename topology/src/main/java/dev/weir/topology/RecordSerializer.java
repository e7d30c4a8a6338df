package dev.weir.topology;

import dev.weir.schemas.wire.RecordCodec;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/** The records of the protocol as Kafka's producers take them; a null value is a tombstone. */
public final class RecordSerializer implements Serializer<SpecificRecord> {
    private final RecordCodec codec;

    public RecordSerializer(RecordCodec codec) {
        this.codec = codec;
    }

    @Override
    @SuppressWarnings("NullAway") // Kafka's interface is unannotated: null stands for a tombstone.
    public byte[] serialize(String topic, @Nullable SpecificRecord record) {
        return record == null ? null : codec.write(record);
    }
}
