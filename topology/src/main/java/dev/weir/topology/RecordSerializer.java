package dev.weir.topology;

import dev.weir.schemas.wire.RecordCodec;
import dev.weir.schemas.wire.SpareArrays;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * The records of the protocol as Kafka's producers take them; a null value is a tombstone. Kafka Streams gives what is serialized to
 * the thread's producer before it serializes anything else, and the producer copies it into a batch, so that arrays of large records
 * are used again.
 */
public final class RecordSerializer implements Serializer<SpecificRecord> {
    private final RecordCodec codec;
    private final ThreadLocal<SpareArrays> arrays = ThreadLocal.withInitial(SpareArrays::new);

    public RecordSerializer(RecordCodec codec) {
        this.codec = codec;
    }

    @Override
    @SuppressWarnings("NullAway") // Kafka's interface is unannotated: null stands for a tombstone.
    public byte[] serialize(String topic, @Nullable SpecificRecord record) {
        return record == null ? null : codec.write(record, arrays.get());
    }
}
