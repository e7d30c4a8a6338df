package dev.weir.schemas.wire;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;

/** Every writer's schema that was met, by id; our own ones from the start. */
final class Writers {

    /** What a writer's schema is to us. */
    sealed interface Writer permits Readable, Foreign {}

    /** A schema whose records become records of that type. */
    record Readable(RecordType type, Body body) implements Writer {}

    /** A schema whose records mean nothing here. */
    record Foreign(String message) implements Writer {}

    private final Map<Integer, Writer> byId = new ConcurrentHashMap<>();
    private final SchemaSource source;

    Writers(Map<RecordType, Integer> own, SchemaSource source) {
        this.source = source;
        own.forEach((type, id) -> byId.put(id, new Readable(type, type.body())));
    }

    Readable of(int schemaId) {
        Writer writer = byId.get(schemaId);
        if (writer == null) {
            writer = classify(schemaId, source.byId(schemaId));
            byId.put(schemaId, writer);
        }
        if (writer instanceof Foreign) {
            throw new BadRecordException(BadRecordException.FOREIGN_RECORD, ((Foreign) writer).message());
        }
        return (Readable) writer;
    }

    private static Writer classify(int schemaId, Schema writer) {
        RecordType type = writer.getType() == Schema.Type.RECORD ? Protocol.BY_NAME.get(writer.getFullName()) : null;
        if (type == null) {
            return new Foreign("schema " + schemaId + " is of " + writer.getFullName()
                    + ", no record of Weir; allowed: "
                    + Protocol.BY_NAME.keySet().stream().sorted().toList()
                    + "; next: keep other programs off this topic");
        }
        return Incompatibilities.between(type.schema(), writer)
                .<Writer>map(
                        field -> new Foreign(
                                "schema " + schemaId + " of " + type.name() + ": " + field
                                        + "; allowed: FULL_TRANSITIVE changes; next: upgrade Weir, or repair the program that wrote it"))
                .orElseGet(() -> new Readable(type, new AvroBody(writer, type.schema())));
    }
}
