package dev.weir.schemas.wire;

import dev.weir.schemas.record.Chunk;
import dev.weir.schemas.record.KeyframeChunk;
import dev.weir.schemas.record.MergedChunk;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;

/**
 * One record type of the protocol.
 *
 * @param type the generated class
 * @param schema what the class reads and writes
 * @param published the same schema without properties that mean something to Java only; this one is registered
 * @param body how its own bytes are read and written
 */
record RecordType(Class<? extends SpecificRecord> type, Schema schema, Schema published, Body body) {

    static RecordType of(Class<? extends SpecificRecord> type) {
        Schema schema = SpecificData.get().getSchema(type);
        return new RecordType(type, schema, NeutralSchema.of(schema), body(type, schema));
    }

    private static Body body(Class<? extends SpecificRecord> type, Schema schema) {
        if (type == Chunk.class) {
            return new ChunkBody();
        }
        if (type == KeyframeChunk.class) {
            return new KeyframeChunkBody();
        }
        return type == MergedChunk.class ? new MergedChunkBody() : new AvroBody(schema, schema);
    }

    /** The name of the record and of its subject. */
    String name() {
        return schema.getFullName();
    }
}
