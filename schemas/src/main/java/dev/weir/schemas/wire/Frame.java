package dev.weir.schemas.wire;

import java.nio.ByteBuffer;
import java.util.UUID;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Where the schema id was found, and from where the Avro bytes run.
 *
 * @param schemaId id of the writer's schema
 * @param from the first Avro byte, by its place in the record
 */
record Frame(int schemaId, int from) {
    static final int HEAD_BYTES = 1 + Integer.BYTES;

    private static final String KEY_HEADER = "__key_schema_id";
    private static final String VALUE_HEADER = "__value_schema_id";

    /** Reads the id in front of the Avro bytes. */
    static Frame of(@Nullable ByteBuffer bytes) {
        if (bytes == null) {
            throw new BadRecordException(
                    BadRecordException.TRUNCATED,
                    "record of no bytes at all; allowed: byte 0, a schema id of 4 bytes, Avro"
                            + "; next: repair the program that wrote it");
        }
        int begin = bytes.position();
        if (bytes.hasRemaining() && bytes.get(begin) != 0) {
            throw notAvro("record", "begins with byte " + (bytes.get(begin) & 0xff));
        }
        if (bytes.remaining() < HEAD_BYTES) {
            throw new BadRecordException(
                    BadRecordException.TRUNCATED,
                    "record of " + bytes.remaining() + " bytes; allowed: byte 0, a schema id of 4 bytes, Avro"
                            + "; next: repair the program that wrote it");
        }
        return new Frame(bytes.getInt(begin + 1), HEAD_BYTES);
    }

    /** Reads the id in the record's headers, or in front of the Avro bytes where there is no such header. */
    static Frame of(@Nullable ByteBuffer bytes, Headers headers, boolean key) {
        Header header = headers.lastHeader(key ? KEY_HEADER : VALUE_HEADER);
        if (header == null) {
            return of(bytes);
        }
        String name = "header " + header.key();
        byte[] value = header.value();
        if (value == null || value.length == 0) {
            throw notAvro(name, "is empty");
        }
        ByteBuffer id = ByteBuffer.wrap(value, 1, value.length - 1);
        if (value[0] == 0 && id.remaining() == Integer.BYTES) {
            return new Frame(id.getInt(), 0);
        }
        if (value[0] == 1 && id.remaining() == 2 * Long.BYTES) {
            throw new BadRecordException(
                    BadRecordException.UNKNOWN_SCHEMA,
                    name + " names schema " + new UUID(id.getLong(), id.getLong())
                            + " by GUID, which this registry client cannot look up; allowed: byte 0 and an id of 4 bytes"
                            + "; next: let the serializer write schema ids");
        }
        throw notAvro(name, "has " + value.length + " bytes and begins with byte " + (value[0] & 0xff));
    }

    private static BadRecordException notAvro(String object, String what) {
        return new BadRecordException(
                BadRecordException.NOT_AVRO,
                object + " " + what + "; allowed: byte 0 and a schema id of 4 bytes (Confluent wire format)"
                        + "; next: let the producer use a serializer with a schema registry");
    }
}
