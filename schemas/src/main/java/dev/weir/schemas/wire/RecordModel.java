package dev.weir.schemas.wire;

import dev.weir.schemas.record.Chunk;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;

/**
 * The generated classes of the protocol, and no others: a schema cannot name a class to load. Avro by itself refuses to
 * load any class that is not listed in a system property of the process.
 */
final class RecordModel extends SpecificData {
    static final RecordModel INSTANCE = new RecordModel();

    private final Map<String, Class<?>> classes = new ConcurrentHashMap<>();

    private RecordModel() {
        super(RecordModel.class.getClassLoader());
    }

    @Override
    public Class<?> getClass(Schema schema) {
        return switch (schema.getType()) {
            case RECORD, ENUM, FIXED -> classes.computeIfAbsent(schema.getFullName(), this::generated);
            default -> super.getClass(schema);
        };
    }

    private Class<?> generated(String name) {
        if (!name.startsWith(Chunk.class.getPackageName() + ".")) {
            throw new AvroRuntimeException(name + " is no class of " + Chunk.class.getPackageName());
        }
        try {
            return Class.forName(name, true, getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new AvroRuntimeException(name + " is unknown to this build", e);
        }
    }
}
