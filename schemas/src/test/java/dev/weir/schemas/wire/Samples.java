package dev.weir.schemas.wire;

import dev.weir.schemas.record.Chunk;
import dev.weir.schemas.record.MergedChunk;
import dev.weir.schemas.record.Sha256;
import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.schemaregistry.testutil.MockSchemaRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/** Records of every type with random contents, and bytes as another program would write them. */
final class Samples {
    private Samples() {}

    static String freshRegistry() {
        return "mock://" + UUID.randomUUID();
    }

    static SchemaRegistryClient client(String url) {
        return MockSchemaRegistry.getClientForScope(url.substring("mock://".length()));
    }

    static int register(String url, Schema schema) {
        try {
            return client(url).register(schema.getFullName(), new AvroSchema(schema));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    static Chunk chunk(byte[] payload) {
        return new Chunk(1, "run-a", 2L, 300L, digest(7), 5, 0, -1L, 0xCAFEBABE, ByteBuffer.wrap(payload));
    }

    static MergedChunk mergedChunk(byte[] payload) {
        return new MergedChunk(1, "ema-0.999", 4L, 9L, digest(8), 5, -3, ByteBuffer.wrap(payload));
    }

    static Sha256 digest(int fill) {
        byte[] bytes = new byte[32];
        java.util.Arrays.fill(bytes, (byte) fill);
        return new Sha256(bytes);
    }

    static SpecificRecord random(RecordType type, Random random) {
        return (SpecificRecord) Objects.requireNonNull(value(type.schema(), random, true));
    }

    private static @Nullable Object value(Schema schema, Random random, boolean top) {
        switch (schema.getType()) {
            case INT:
                return random.nextInt() >> random.nextInt(32);
            case LONG:
                return random.nextLong() >> random.nextInt(64);
            case DOUBLE:
                return random.nextDouble();
            case STRING:
                return "wëir-".repeat(random.nextInt(4)) + random.nextInt(100);
            case BYTES:
                byte[] bytes = new byte[random.nextInt(300)];
                random.nextBytes(bytes);
                return ByteBuffer.wrap(bytes);
            case FIXED:
                byte[] digest = new byte[schema.getFixedSize()];
                random.nextBytes(digest);
                return new Sha256(digest);
            case BOOLEAN:
                return random.nextBoolean();
            case FLOAT:
                return random.nextFloat();
            case ENUM:
                List<String> symbols = schema.getEnumSymbols();
                return RecordModel.INSTANCE.createEnum(symbols.get(random.nextInt(symbols.size())), schema);
            case UNION:
                Schema branch =
                        schema.getTypes().get(random.nextInt(schema.getTypes().size()));
                return branch.getType() == Schema.Type.NULL ? null : value(branch, random, false);
            case ARRAY:
                List<@Nullable Object> items = new ArrayList<>();
                for (int i = random.nextInt(5); i > 0; i--) {
                    items.add(value(schema.getElementType(), random, false));
                }
                return items;
            case MAP:
                Map<String, @Nullable Object> map = new HashMap<>();
                for (int i = random.nextInt(5); i > 0; i--) {
                    map.put("setting-" + i, value(schema.getValueType(), random, false));
                }
                return map;
            case RECORD:
                SpecificRecord record =
                        (SpecificRecord) SpecificData.newInstance(RecordModel.INSTANCE.getClass(schema), schema);
                for (Schema.Field field : schema.getFields()) {
                    boolean version = top && field.name().equals("formatVersion");
                    record.put(field.pos(), version ? 1 : value(field.schema(), random, false));
                }
                return record;
            default:
                throw new IllegalArgumentException("no sample of " + schema);
        }
    }

    /** Frames what Avro's generic writer makes of a record. */
    static byte[] framed(int id, Object record, Schema schema) {
        byte[] avro = avro(record, schema);
        return ByteBuffer.allocate(5 + avro.length)
                .put((byte) 0)
                .putInt(id)
                .put(avro)
                .array();
    }

    static byte[] avro(Object record, Schema schema) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
        try {
            new GenericDatumWriter<>(schema).write(record, encoder);
            encoder.flush();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return out.toByteArray();
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
