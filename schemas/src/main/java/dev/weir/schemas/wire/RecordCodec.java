package dev.weir.schemas.wire;

import dev.weir.schemas.record.Chunk;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntFunction;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Records of the protocol as bytes: byte 0, the schema id as a big-endian int, Avro (Confluent's wire format). Every
 * record type has one subject, its full name. Keys and values alike. Safe for many threads.
 *
 * <p>Whatever the bytes, reading gives a record or a {@link BadRecordException}; a {@link RegistryException} says that
 * the registry is at fault and the bytes may be fine. The payload of a {@link dev.weir.schemas.record.Chunk} or a
 * {@link dev.weir.schemas.record.MergedChunk} in our own schema is a view of the bytes that were read.
 */
public final class RecordCodec {
    private final Map<Class<?>, Own> own = new HashMap<>();
    private final Writers writers;

    RecordCodec(Map<RecordType, Integer> ids, SchemaSource source) {
        ids.forEach((type, id) -> own.put(type.type(), new Own(id, type.body())));
        writers = new Writers(ids, source);
    }

    /**
     * Writes a record.
     *
     * @param record a record of the protocol, every field filled
     * @return its bytes
     * @throws IllegalArgumentException if it is no record of the protocol or a field is null
     */
    public byte[] write(SpecificRecord record) {
        return write(record, byte[]::new);
    }

    /**
     * Writes a record; chunks, merged chunks and those of keyframes into arrays that are used again.
     *
     * @param record a record of the protocol, every field filled
     * @param arrays gives an array of so many bytes, whatever is in it; may not be asked
     * @return its bytes, in an array of just their length
     * @throws IllegalArgumentException if it is no record of the protocol or a field is null
     */
    public byte[] write(SpecificRecord record, IntFunction<byte[]> arrays) {
        Own type = own.get(record.getClass());
        if (type == null) {
            throw new IllegalArgumentException(
                    record.getClass().getName() + " is no record of Weir's protocol; allowed: "
                            + Protocol.BY_NAME.keySet().stream().sorted().toList() + "; next: write one of these");
        }
        return type.body().write(type.schemaId(), record, arrays);
    }

    /**
     * Reads a record of any type.
     *
     * @param bytes a key or a value
     * @return the record
     * @throws BadRecordException if the bytes are no usable record
     * @throws RegistryException if the registry does not answer
     */
    public SpecificRecord read(byte[] bytes) {
        ByteBuffer all = all(bytes);
        return read(Frame.of(all), all, null);
    }

    /**
     * Reads a record of any type whose schema id may stand in a header instead of in front of the bytes.
     *
     * @param bytes a key or a value
     * @param headers the headers of the record that it belongs to
     * @param key whether the bytes are the key
     * @return the record
     * @throws BadRecordException if the bytes are no usable record
     * @throws RegistryException if the registry does not answer
     */
    public SpecificRecord read(byte[] bytes, Headers headers, boolean key) {
        ByteBuffer all = all(bytes);
        return read(Frame.of(all, headers, key), all, null);
    }

    /**
     * Reads a record's value of any type where it lies, of which its payload is a view.
     *
     * @param bytes big-endian and with an array, as Kafka's consumers have them; position and limit stay as they are
     * @param headers the headers of the record that it belongs to
     * @return the record
     * @throws BadRecordException if the bytes are no usable record
     * @throws RegistryException if the registry does not answer
     */
    public SpecificRecord read(ByteBuffer bytes, Headers headers) {
        return read(Frame.of(bytes, headers, false), bytes, null);
    }

    /**
     * Reads a record of one type.
     *
     * @param bytes a key or a value
     * @param type the type that belongs here
     * @param <T> the type that belongs here
     * @return the record
     * @throws BadRecordException if the bytes are no usable record, or one of another type
     * @throws RegistryException if the registry does not answer
     */
    public <T extends SpecificRecord> T read(byte[] bytes, Class<T> type) {
        ByteBuffer all = all(bytes);
        return type.cast(read(Frame.of(all), all, type));
    }

    /**
     * Takes the payload off a chunk's record without reading it.
     *
     * @param bytes a value; its position and limit stay as they are
     * @return the two parts; null where the bytes are no chunk in our own schema up to its payload, which is then for
     *     {@link #read(byte[])} to say
     */
    public @Nullable DetachedChunk detach(ByteBuffer bytes) {
        Own chunk = own.get(Chunk.class);
        return chunk == null ? null : ChunkBody.detach(chunk.schemaId(), bytes);
    }

    @SuppressWarnings("NullAway") // Kafka gives null for a tombstone, which is for the frame to refuse.
    private static ByteBuffer all(byte @Nullable [] bytes) {
        return bytes == null ? null : ByteBuffer.wrap(bytes);
    }

    private SpecificRecord read(Frame frame, ByteBuffer bytes, @Nullable Class<?> expected) {
        Writers.Readable writer = writers.of(frame.schemaId());
        RecordType type = writer.type();
        if (expected != null && type.type() != expected) {
            throw new BadRecordException(
                    BadRecordException.FOREIGN_RECORD,
                    "record is " + type.name() + "; allowed here: " + expected.getName()
                            + "; next: keep other records off this topic");
        }
        return writer.body().read(new Cursor(type.schema().getName(), bytes, frame.from()));
    }

    private record Own(int schemaId, Body body) {}
}
