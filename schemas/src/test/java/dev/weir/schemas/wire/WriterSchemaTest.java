package dev.weir.schemas.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.schemas.record.Chunk;
import dev.weir.schemas.record.RunKey;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.UUID;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

class WriterSchemaTest {
    private final String url = Samples.freshRegistry();
    private final RecordCodec codec = Registry.connect(url, Map.of()).codec();

    @Test
    void aFieldOfALaterBuildInFrontOfThePayloadIsPassedOver() {
        Schema later = later(RecordType.of(Chunk.class).published());
        Chunk chunk = Samples.chunk(new byte[] {1, 2, 3});
        GenericRecord written = new GenericData.Record(later);
        Chunk.SCHEMA$.getFields().forEach(field -> written.put(field.name(), chunk.get(field.pos())));
        written.put("node", "trainer-7");

        byte[] bytes = Samples.framed(Samples.register(url, later), written, later);

        assertThat(codec.read(bytes, Chunk.class)).isEqualTo(chunk);
    }

    private static Schema later(Schema schema) {
        String field = "{\"name\":\"node\",\"type\":\"string\",\"default\":\"\"},";
        return new Schema.Parser()
                .parse(schema.toString().replace("{\"name\":\"payload\"", field + "{\"name\":\"payload\""));
    }

    @Test
    void aNewerFormatIsRefusedByName() {
        byte[] chunk = codec.write(Samples.chunk(new byte[1]));
        chunk[5] = 4;
        byte[] key = codec.write(new RunKey(2, "run-a"));

        assertBad(() -> codec.read(chunk), "newer-format")
                .hasMessage("Chunk format 2 is newer than 1, which this build reads; upgrade Weir");
        assertBad(() -> codec.read(key), "newer-format")
                .hasMessage("RunKey format 2 is newer than 1, which this build reads; upgrade Weir");
    }

    @Test
    void aFormatThatNeverWasIsRefused() {
        assertBad(() -> codec.read(codec.write(new RunKey(0, "run-a"))), "not-avro")
                .hasMessageContaining("RunKey format 0 does not exist");
    }

    @Test
    void anIdInTheHeaderOfKeyOrValueIsTaken() {
        RunKey record = new RunKey(1, "run-a");
        byte[] avro = Samples.avro(record, RunKey.SCHEMA$);
        byte[] id = ByteBuffer.allocate(5)
                .putInt(1, Samples.register(url, RecordType.of(RunKey.class).published()))
                .array();
        Headers headers = new RecordHeaders().add("__key_schema_id", id);

        assertThat(codec.read(avro, headers, true)).isEqualTo(record);
        assertThat(codec.read(codec.write(record), headers, false)).isEqualTo(record);
        assertThat(codec.read(avro, new RecordHeaders().add("__value_schema_id", id), false))
                .isEqualTo(record);
    }

    @Test
    void aGuidInTheHeaderIsRefusedByName() {
        UUID guid = UUID.fromString("89791762-2336-4186-9674-299b90a802e2");
        byte[] value = ByteBuffer.allocate(17)
                .put((byte) 1)
                .putLong(guid.getMostSignificantBits())
                .putLong(guid.getLeastSignificantBits())
                .array();
        Headers headers = new RecordHeaders().add("__value_schema_id", value);

        assertBad(() -> codec.read(new byte[0], headers, false), "unknown-schema")
                .hasMessageContaining("header __value_schema_id")
                .hasMessageContaining(guid.toString());
    }

    @Test
    void aHeaderOfAnotherShapeIsRefused() {
        for (byte[] value : new byte[][] {{}, {0}, {0, 0, 0, 1}, {1, 2, 3}, {2, 0, 0, 0, 1}, null}) {
            Headers headers = new RecordHeaders().add("__value_schema_id", value);

            assertBad(() -> codec.read(new byte[9], headers, false), "not-avro")
                    .hasMessageContaining("header __value_schema_id");
        }
    }

    @Test
    void anotherProgramsRecordsAreForeign() {
        Schema order =
                SchemaBuilder.record("shop.Order").fields().requiredInt("id").endRecord();
        Schema number = Schema.create(Schema.Type.LONG);
        int orders = Samples.register(url, order);
        int numbers = Samples.register(url, number);

        assertBad(() -> codec.read(new byte[] {0, 0, 0, 0, (byte) orders, 2}), "foreign-record")
                .hasMessageContaining("shop.Order");
        assertBad(() -> codec.read(new byte[] {0, 0, 0, 0, (byte) numbers, 2}), "foreign-record")
                .hasMessageContaining("long");
    }

    @Test
    void aRecordOfOurNameThatLacksAFieldIsForeignAndTheFieldIsNamed() {
        Schema other = SchemaBuilder.record(RunKey.SCHEMA$.getFullName())
                .fields()
                .requiredInt("formatVersion")
                .endRecord();
        int id = Samples.register(url, other);

        assertBad(() -> codec.read(new byte[] {0, 0, 0, 0, (byte) id, 2}), "foreign-record")
                .hasMessageContaining("field run: READER_FIELD_MISSING_DEFAULT_VALUE");
    }

    @Test
    void itemsThatTakeNoBytesCannotMakeARecordLarge() {
        Schema other = SchemaBuilder.record(RunKey.SCHEMA$.getFullName())
                .fields()
                .requiredInt("formatVersion")
                .requiredString("run")
                .name("nothing")
                .type()
                .array()
                .items()
                .nullType()
                .noDefault()
                .endRecord();
        int id = Samples.register(url, other);
        byte[] bytes = {0, 0, 0, 0, (byte) id, 2, 0, -2, -1, -1, -1, 15, 0};

        assertBad(() -> codec.read(bytes), "truncated").hasMessageContaining("nothing");
    }

    static org.assertj.core.api.AbstractThrowableAssert<?, ?> assertBad(
            org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String reason) {
        org.assertj.core.api.AbstractThrowableAssert<?, ?> thrown = assertThatThrownBy(call);
        thrown.isInstanceOf(BadRecordException.class);
        thrown.satisfies(e -> assertThat(((BadRecordException) e).reason()).isEqualTo(reason));
        return thrown;
    }
}
