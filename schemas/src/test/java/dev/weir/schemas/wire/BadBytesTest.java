package dev.weir.schemas.wire;

import static dev.weir.schemas.wire.WriterSchemaTest.assertBad;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.weir.schemas.record.Applied;
import dev.weir.schemas.record.Decision;
import dev.weir.schemas.record.RunKey;
import dev.weir.schemas.record.Verdict;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BadBytesTest {
    private static final byte[] HUGE = {-2, -1, -1, -1, 15}; // 2,147,483,647

    private final RecordCodec codec =
            Registry.connect(Samples.freshRegistry(), Map.of()).codec();

    @Test
    void noBytesAtAllAreTruncated() {
        assertBad(() -> codec.read(new byte[0]), "truncated");
        assertBad(() -> codec.read(new byte[] {0, 0, 0, 0}), "truncated");
    }

    @Test
    void textIsNotAvro() {
        assertBad(() -> codec.read(Samples.utf8("{\"run\": 1}")), "not-avro")
                .hasMessageContaining("begins with byte 123");
    }

    @Test
    void anIdThatTheRegistryDoesNotHaveIsUnknown() {
        assertBad(() -> codec.read(new byte[] {0, 9, 9, 9, 9, 2}), "unknown-schema")
                .hasMessageContaining("151587081");
        assertBad(() -> codec.read(new byte[] {0, -1, -1, -1, -1, 2}), "unknown-schema")
                .hasMessageContaining("-1");
    }

    @Test
    void everyPrefixOfARecordIsTruncated() {
        Random random = new Random(4);
        for (RecordType type : Protocol.TYPES) {
            byte[] bytes = codec.write(Samples.random(type, random));
            for (int length = 0; length < bytes.length; length++) {
                byte[] prefix = Arrays.copyOf(bytes, length);

                assertBad(() -> codec.read(prefix), "truncated");
            }
        }
    }

    @Test
    void bytesBehindTheEndAreRefused() {
        Random random = new Random(5);
        for (RecordType type : Protocol.TYPES) {
            byte[] bytes = codec.write(Samples.random(type, random));

            assertBad(() -> codec.read(Arrays.copyOf(bytes, bytes.length + 2)), "trailing-bytes")
                    .hasMessageContaining(type.schema().getName() + ": 2 bytes follow");
        }
    }

    @Test
    void aLengthBeyondTheBytesIsRefusedBeforeAnythingIsAllocated() {
        byte[] string = codec.write(new RunKey(1, ""));
        byte[] array = codec.write(new Applied(1, 0, 1L, List.of()));
        byte[] chunk = codec.write(Samples.chunk(new byte[0]));

        for (byte[] bytes : List.of(string, array, chunk)) {
            byte[] claim = ByteBuffer.allocate(bytes.length + 4)
                    .put(bytes, 0, bytes.length - 1)
                    .put(HUGE)
                    .array();

            assertBad(() -> codec.read(claim), "truncated").hasMessageContaining("claims 2147483647");
        }
    }

    @Test
    void aNegativeLengthIsNotAvro() {
        byte[] bytes = codec.write(new RunKey(1, ""));
        bytes[bytes.length - 1] = 1;

        assertBad(() -> codec.read(bytes), "not-avro")
                .hasMessageContaining("RunKey: run")
                .hasMessageContaining("-1");
    }

    @Test
    void anEndlessNumberIsNotAvro() {
        byte[] bytes = codec.write(new RunKey(1, "0123456789012345"));
        Arrays.fill(bytes, 6, bytes.length, (byte) -1);
        byte[] version = bytes.clone();
        Arrays.fill(version, 5, version.length, (byte) -1);

        assertBad(() -> codec.read(bytes), "not-avro").hasMessageContaining("a long of more than 10 bytes");
        assertBad(() -> codec.read(version), "not-avro").hasMessageContaining("an int of more than 5 bytes");
    }

    @Test
    void aVerdictThatDoesNotExistIsNotAvro() {
        byte[] bytes = codec.write(new Decision(
                1,
                1L,
                "",
                1L,
                1L,
                Verdict.COMMIT,
                "",
                Samples.digest(0),
                Samples.digest(0),
                List.of(),
                Map.of(),
                Map.of(),
                List.of(),
                Map.of()));
        bytes[10] = 6;

        assertBad(() -> codec.read(bytes), "not-avro")
                .hasMessageContaining("verdict")
                .hasMessageContaining("choice 3");
    }

    @Test
    void mutatedRecordsAreReadOrRefusedInLittleMemory() {
        long seed = Long.getLong("weir.seed", System.nanoTime());
        System.out.println("BadBytesTest: -Dweir.seed=" + seed);
        Random random = new Random(seed);
        int refused = 0;
        long before = allocated();
        for (int i = 0; i < 20_000; i++) {
            RecordType type = Protocol.TYPES.get(random.nextInt(Protocol.TYPES.size()));
            byte[] bytes = mutated(codec.write(Samples.random(type, random)), random);
            try {
                codec.read(bytes);
            } catch (BadRecordException e) {
                refused++;
                assertThat(e).hasMessageNotContaining("null").hasMessageContaining("; ");
            } catch (Throwable e) {
                fail("seed " + seed + ", round " + i + ", " + type.name() + ": " + Arrays.toString(bytes), e);
            }
        }
        assertThat(refused).as("refused with seed %d", seed).isBetween(5_000, 20_000);
        assertThat((allocated() - before) / 20_000)
                .as("bytes allocated a round with seed %d", seed)
                .isLessThan(200_000);
    }

    private static long allocated() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }

    private static byte[] mutated(byte[] bytes, Random random) {
        byte[] result = bytes;
        for (int times = 1 + random.nextInt(4); times > 0; times--) {
            int at = random.nextInt(100) < 5 || result.length <= 5
                    ? random.nextInt(Math.max(1, result.length))
                    : 5 + random.nextInt(result.length - 5);
            switch (random.nextInt(5)) {
                case 0 -> result = Arrays.copyOf(result, at);
                case 1 -> result = Arrays.copyOf(result, result.length + random.nextInt(9));
                case 2 -> result = inserted(result, at, HUGE);
                case 3 -> result = inserted(result, at, new byte[] {(byte) random.nextInt()});
                default -> {
                    if (result.length > 0) {
                        result = result.clone();
                        result[at] ^= (byte) (1 << random.nextInt(8));
                    }
                }
            }
        }
        return result;
    }

    private static byte[] inserted(byte[] bytes, int at, byte[] more) {
        return ByteBuffer.allocate(bytes.length + more.length)
                .put(bytes, 0, at)
                .put(more)
                .put(bytes, at, bytes.length - at)
                .array();
    }
}
