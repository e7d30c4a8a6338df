package dev.weir.schemas.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.schemas.record.Chunk;
import dev.weir.schemas.record.End;
import dev.weir.schemas.record.MergedChunk;
import dev.weir.schemas.record.RunKey;
import dev.weir.schemas.record.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RecordCodecTest {
    private final String url = Samples.freshRegistry();
    private final RecordCodec codec = Registry.connect(url, Map.of()).codec();

    static Stream<RecordType> types() {
        return Protocol.TYPES.stream();
    }

    @ParameterizedTest
    @MethodSource("types")
    void everyRecordComesBackAsItWasWritten(RecordType type) {
        Random random = new Random(1);
        for (int i = 0; i < 50; i++) {
            SpecificRecord record = Samples.random(type, random);
            byte[] bytes = codec.write(record);

            assertThat(codec.read(bytes)).isEqualTo(record);
            assertThat((SpecificRecord) codec.read(bytes, type.type())).isEqualTo(record);
        }
    }

    @ParameterizedTest
    @MethodSource("types")
    void everyRecordIsTheSameWhateverWasInItsArray(RecordType type) {
        Random random = new Random(5);
        for (int i = 0; i < 50; i++) {
            SpecificRecord record = Samples.random(type, random);
            byte[] written = codec.write(record, length -> {
                byte[] used = new byte[length];
                random.nextBytes(used);
                return used;
            });
            assertThat(written).isEqualTo(codec.write(record));
        }
    }

    @ParameterizedTest
    @MethodSource("types")
    void everyRecordIsReadWhereItLiesAmongOthers(RecordType type) {
        Random random = new Random(4);
        for (int i = 0; i < 50; i++) {
            SpecificRecord record = Samples.random(type, random);
            byte[] bytes = codec.write(record);
            ByteBuffer fetched = ByteBuffer.allocate(bytes.length + 20)
                    .position(7)
                    .put(bytes)
                    .position(7)
                    .slice();
            fetched = fetched.position(0).limit(bytes.length);

            assertThat(codec.read(fetched, new RecordHeaders())).isEqualTo(record);
            assertThat(fetched.remaining()).isEqualTo(bytes.length);
            ByteBuffer cut = fetched.duplicate().limit(bytes.length - 1);
            assertThatThrownBy(() -> codec.read(cut, new RecordHeaders())).isInstanceOf(BadRecordException.class);
        }
    }

    @ParameterizedTest
    @MethodSource("types")
    void everyRecordHasTheBytesOfAvroItself(RecordType type) {
        Random random = new Random(2);
        int id = Samples.register(url, type.published());
        for (int i = 0; i < 50; i++) {
            SpecificRecord record = Samples.random(type, random);

            assertThat(codec.write(record)).isEqualTo(Samples.framed(id, record, type.schema()));
            assertThat(codec.read(Samples.framed(id, record, type.schema()))).isEqualTo(record);
        }
    }

    @Test
    void avroReadsTheChunksThatWereWrittenByHand() throws Exception {
        Random random = new Random(3);
        for (Class<?> payload : List.of(Chunk.class, MergedChunk.class)) {
            RecordType type = RecordType.of(payload.asSubclass(SpecificRecord.class));
            SpecificRecord record = Samples.random(type, random);
            byte[] bytes = codec.write(record);

            Object specific = new SpecificDatumReader<Object>(type.schema(), type.schema(), RecordModel.INSTANCE)
                    .read(null, decoder(bytes));
            GenericRecord generic = new GenericDatumReader<GenericRecord>(type.published()).read(null, decoder(bytes));

            assertThat(specific).isEqualTo(record);
            for (Schema.Field field : type.published().getFields()) {
                Object expected = record.get(field.pos());
                Object actual = generic.get(field.pos());
                assertThat(field.name().equals("layoutHash") ? actual : unwrapped(actual))
                        .as(field.name())
                        .isEqualTo(unwrapped(expected));
            }
        }
    }

    private static Object unwrapped(Object value) {
        return value instanceof CharSequence ? value.toString() : value;
    }

    private static BinaryDecoder decoder(byte[] framed) {
        return DecoderFactory.get().binaryDecoder(framed, 5, framed.length - 5, null);
    }

    @Test
    void aChunkHasTheseBytes() {
        byte[] bytes = codec.write(Samples.chunk(new byte[] {1, 2, 3}));

        int id = ByteBuffer.wrap(bytes).getInt(1);
        String expected = "00" + String.format("%08x", id)
                + "02" // format version 1
                + "0a" + HexFormat.of().formatHex(Samples.utf8("run-a"))
                + "04" // epoch 2
                + "d804" // step 300
                + "07".repeat(32)
                + "0a" // chunk 5
                + "00" // encoding 0
                + "01" // base step -1
                + "83958ad006" // crc32c 0xCAFEBABE
                + "06" + "010203";
        assertThat(HexFormat.of().formatHex(bytes)).isEqualTo(expected);
    }

    @Test
    void thePayloadIsAViewOfTheRecord() {
        byte[] bytes = codec.write(Samples.chunk(new byte[] {1, 2, 3}));

        ByteBuffer payload = codec.read(bytes, Chunk.class).getPayload();

        assertThat(payload.array()).isSameAs(bytes);
        assertThat(payload.remaining()).isEqualTo(3);
        assertThat(payload.arrayOffset()).isEqualTo(bytes.length - 3);
    }

    @ParameterizedTest
    @MethodSource("types")
    void onlyChunksHaveAPayloadThatCanBeTakenOff(RecordType type) {
        Random random = new Random(4);
        for (int i = 0; i < 50; i++) {
            SpecificRecord record = Samples.random(type, random);
            byte[] bytes = codec.write(record);
            DetachedChunk detached = codec.detach(ByteBuffer.wrap(bytes));
            if (detached == null) {
                assertThat(record).isNotInstanceOf(Chunk.class);
                continue;
            }
            Chunk chunk = (Chunk) record;
            assertThat(detached.payload()).isEqualTo(chunk.getPayload());
            assertThat(detached.encoding()).isEqualTo(chunk.getEncoding());
            Chunk head = codec.read(detached.head(), Chunk.class);
            assertThat(head.getPayload().remaining()).isZero();
            head.put("payload", detached.payload());
            assertThat(head).isEqualTo(chunk);
        }
    }

    /** Bytes of a chunk with some changed, cut off or added: what is taken off is what reading the whole says. */
    @Test
    void ofDamagedBytesNothingElseIsTakenOffThanIsRead() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int taken = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] whole = codec.write(Samples.chunk(new byte[random.nextInt(200)]));
            byte[] bytes = Arrays.copyOf(whole, whole.length + (random.nextInt(4) == 0 ? random.nextInt(7) - 3 : 0));
            for (int changes = random.nextInt(3); changes > 0; changes--) {
                bytes[random.nextInt(Math.min(bytes.length, 80))] = (byte) random.nextInt(256);
            }
            DetachedChunk detached = codec.detach(ByteBuffer.wrap(bytes));
            if (detached == null) {
                continue;
            }
            taken++;
            Object joined;
            try {
                Chunk head = codec.read(detached.head(), Chunk.class);
                head.put("payload", detached.payload());
                joined = head;
            } catch (BadRecordException bad) {
                joined = bad.reason();
            }
            Object read;
            try {
                read = codec.read(bytes);
            } catch (BadRecordException bad) {
                read = bad.reason();
            }
            assertThat(joined).as("seed %d, case %d", seed, i).isEqualTo(read);
        }
        assertThat(taken).isGreaterThan(1000);
    }

    @Test
    void aPayloadFarBehindTheBeginningStaysInItsRecord() {
        Chunk chunk = Samples.chunk(new byte[10]);
        chunk.put("run", "r".repeat(2000));
        assertThat(codec.detach(ByteBuffer.wrap(codec.write(chunk)))).isNull();
    }

    @Test
    void aPayloadOutsideTheHeapIsWrittenWithoutMovingIt() {
        ByteBuffer payload = ByteBuffer.allocateDirect(8).put(5, (byte) 9).position(4);
        Chunk chunk = Samples.chunk(new byte[0]);
        chunk.put(9, payload);

        Chunk read = codec.read(codec.write(chunk), Chunk.class);

        assertThat(read.getPayload()).isEqualTo(ByteBuffer.wrap(new byte[] {0, 9, 0, 0}));
        assertThat(payload.position()).isEqualTo(4);
    }

    @Test
    void anotherTypeThanExpectedIsRefusedByName() {
        byte[] bytes = codec.write(new RunKey(1, "run-a"));

        assertThatThrownBy(() -> codec.read(bytes, End.class))
                .isInstanceOf(BadRecordException.class)
                .hasMessageContaining("dev.weir.schemas.record.RunKey")
                .hasMessageContaining("dev.weir.schemas.record.End")
                .extracting("reason")
                .isEqualTo("foreign-record");
    }

    @Test
    void whatIsNotOfTheProtocolIsNotWritten() {
        assertThatThrownBy(() -> codec.write(new Tensor("w", "F32", List.of())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Tensor is no record of Weir's protocol");
    }

    @Test
    void aFieldThatWasForgottenIsNamed() {
        assertThatThrownBy(() -> codec.write(new Chunk()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Chunk: run is null");
        assertThatThrownBy(() -> codec.write(new RunKey()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("run");
    }

    @Test
    void threadsShareACodec() {
        List<RecordType> types = new ArrayList<>(Protocol.TYPES);

        boolean same = IntStream.range(0, 5_000).parallel().allMatch(i -> {
            SpecificRecord record = Samples.random(types.get(i % types.size()), new Random(i));
            return codec.read(codec.write(record)).equals(record);
        });

        assertThat(same).isTrue();
    }
}
