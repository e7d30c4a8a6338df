package dev.weir.topology.merge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.schemas.record.Chunk;
import dev.weir.schemas.record.End;
import dev.weir.schemas.record.Sha256;
import dev.weir.schemas.wire.RecordCodec;
import dev.weir.schemas.wire.Registry;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ReceivedPayloadTest {
    private static final String TOPIC = "m.deltas";
    private static final Sha256 HASH = new Sha256(new byte[32]);

    private final RecordCodec codec =
            Registry.connect("mock://received", Map.of()).codec();
    private final ReceivedMemory memory = new ReceivedMemory();

    @Test
    void payloadsOfEverySizeTakeMemoryForFew() {
        for (int size = 1 << 20; size < 2 << 20; size += 1001) {
            memory.give(memory.take(size));
        }
        assertThat(memory.bytes()).isLessThan(14 << 20);
        assertThat(memory.lentBytes()).isZero();
    }

    @Test
    void aPayloadAsLayoutsCutThemTakesItsOwnBytes() {
        memory.give(memory.take(983_040));
        assertThat(memory.bytes()).isEqualTo(983_040);
    }

    private final PayloadDeserializer values = new PayloadDeserializer(TOPIC, codec, memory);
    private final RecordHeaders headers = new RecordHeaders();

    @AfterEach
    void close() {
        memory.close();
    }

    @Test
    void thePayloadOfALargeFullChunkIsOffTheHeapAndItsRecordIsWhole() {
        Chunk chunk = chunk(0, 100_000);
        byte[] value = receive(TOPIC, codec.write(chunk));
        assertThat(value).hasSizeLessThan(100);
        assertThat(((Chunk) codec.read(value)).getPayload().remaining()).isZero();
        ReceivedPayload payload = Objects.requireNonNull(ReceivedPayload.of(headers));
        assertThat(payload.bytes().isNative()).isTrue();
        assertThat(payload.recordBytes()).isEqualTo(codec.write(chunk).length);
        assertThat(payload.with(codec.read(value))).isEqualTo(chunk);
        assertThat(memory.lentBytes()).isEqualTo(100_000);
    }

    @Test
    void theFetchedBytesMayBeAnywhereInTheirBuffer() {
        byte[] written = codec.write(chunk(0, 20_000));
        ByteBuffer fetched = ByteBuffer.allocate(written.length + 20)
                .position(7)
                .put(written)
                .flip()
                .position(7);
        byte[] value = values.deserialize(TOPIC, headers, fetched);
        assertThat(fetched.position()).isEqualTo(7);
        assertThat(Objects.requireNonNull(ReceivedPayload.of(headers)).with(codec.read(value)))
                .isEqualTo(chunk(0, 20_000));
    }

    @Test
    void differencesSmallRecordsOtherRecordsAndOtherTopicsStayWhole() {
        SpecificRecord end = new End(1, "r".repeat(20_000), 1L, 2L, HASH, 0, 1, HASH, HASH, List.of());
        for (byte[] written : List.of(
                codec.write(chunk(2, 100_000)), codec.write(chunk(0, 1_000)), codec.write(end), new byte[50_000])) {
            assertThat(receive(TOPIC, written)).isEqualTo(written);
        }
        byte[] written = codec.write(chunk(0, 100_000));
        assertThat(receive("m.keyframes", written)).isEqualTo(written);
        assertThat(ReceivedPayload.of(headers)).isNull();
        assertThat(memory.lentBytes()).isZero();
    }

    @Test
    void whatNobodyTakesOverGoesBackWhenItsRecordIsFoldedAndIsUsedAgain() {
        receive(TOPIC, codec.write(chunk(0, 50_000)));
        ReceivedPayload first = Objects.requireNonNull(ReceivedPayload.of(headers));
        first.folded();
        first.folded();
        assertThat(memory.lentBytes()).isZero();
        receive(TOPIC, codec.write(chunk(0, 50_000)));
        assertThat(Objects.requireNonNull(ReceivedPayload.of(headers)).bytes().address())
                .isEqualTo(first.bytes().address());
        assertThat(memory.bytes()).isLessThan(100_000);
    }

    @Test
    void aPoolHasAnOfferedPayloadOnceAsItIsAndGivesItBackWithTheLastWhoKeepsIt() {
        receive(TOPIC, codec.write(chunk(0, 50_000)));
        ReceivedPayload payload = Objects.requireNonNull(ReceivedPayload.of(headers));
        try (ChunkPool pool = new ChunkPool(Long.MAX_VALUE)) {
            pool.offer(payload);
            MemorySegment bytes = MemorySegment.ofBuffer(payload.bytes().asByteBuffer());
            MemorySegment held = pool.copy(bytes);
            MemorySegment other = pool.copy(bytes);
            pool.offer(null);
            payload.folded();
            assertThat(held.address()).isEqualTo(payload.bytes().address());
            assertThat(other.address()).isNotEqualTo(held.address());
            assertThat(other.mismatch(held)).isEqualTo(-1);
            assertThat(pool.usedBytes()).isEqualTo(100_000);
            pool.keep(held);
            pool.release(held);
            assertThat(memory.lentBytes()).as("what is kept, and the copy").isEqualTo(100_000);
            pool.drop(held);
            assertThat(memory.lentBytes()).isEqualTo(50_000);
            assertThat(pool.bytes()).isEqualTo(50_000);
            pool.release(other);
            assertThat(memory.lentBytes()).isZero();
        }
    }

    @Test
    void copiesOfWhatCameInAnotherFormUseTheMemoryOfPayloadsThatWereGivenBack() {
        receive(TOPIC, codec.write(chunk(0, 50_000)));
        ReceivedPayload payload = Objects.requireNonNull(ReceivedPayload.of(headers));
        try (ChunkPool pool = new ChunkPool(Long.MAX_VALUE)) {
            pool.offer(payload);
            MemorySegment held = pool.copy(payload.bytes());
            pool.offer(null);
            pool.release(held);
            MemorySegment decoded = pool.copy(MemorySegment.ofArray(new byte[50_000]));
            assertThat(decoded.address()).isEqualTo(held.address());
            assertThat(memory.lentBytes()).isEqualTo(50_000);
        }
        assertThat(memory.lentBytes()).isZero();
    }

    @Test
    void aPoolThatIsClosedGivesBackWhatItHolds() {
        receive(TOPIC, codec.write(chunk(0, 50_000)));
        ReceivedPayload payload = Objects.requireNonNull(ReceivedPayload.of(headers));
        try (ChunkPool pool = new ChunkPool(Long.MAX_VALUE)) {
            pool.offer(payload);
            pool.copy(payload.bytes());
            payload.folded();
            assertThat(memory.lentBytes()).isEqualTo(50_000);
        }
        assertThat(memory.lentBytes()).isZero();
    }

    @Test
    void aRecordThatIsDroppedGivesItsPayloadBackWhenItIsCollected() throws InterruptedException {
        values.deserialize(TOPIC, new RecordHeaders(), ByteBuffer.wrap(codec.write(chunk(0, 50_000))));
        Instant limit = Instant.now().plus(Duration.ofSeconds(30));
        while (memory.lentBytes() > 0 && Instant.now().isBefore(limit)) {
            System.gc();
            Thread.sleep(10);
        }
        assertThat(memory.lentBytes()).isZero();
    }

    private byte[] receive(String topic, byte[] written) {
        headers.remove("weir-payload");
        return values.deserialize(topic, headers, ByteBuffer.wrap(written));
    }

    private static Chunk chunk(int encoding, int payloadBytes) {
        byte[] payload = new byte[payloadBytes];
        for (int i = 0; i < payloadBytes; i++) {
            payload[i] = (byte) (i * 31);
        }
        return new Chunk(1, "run-a", 2L, 300L, HASH, 5, encoding, -1L, 77, ByteBuffer.wrap(payload));
    }
}
