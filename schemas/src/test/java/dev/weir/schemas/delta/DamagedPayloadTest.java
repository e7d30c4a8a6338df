package dev.weir.schemas.delta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.schemas.tensor.Dtype;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever the bytes of a payload are, decoding gives a chunk of the right size or a {@link BadDeltaException}. */
final class DamagedPayloadTest {
    private static final int ROUNDS = 40;

    private final long seed = Long.getLong("weir.seed", System.nanoTime());
    private final SplittableRandom random = new SplittableRandom(seed);
    private final ChunkEncoder encoder = new ChunkEncoder();
    private final ChunkDecoder decoder = new ChunkDecoder();

    @AfterEach
    void close() {
        encoder.close();
        decoder.close();
    }

    @ParameterizedTest
    @EnumSource
    void anyBytesAreSurvived(Encoding encoding) {
        System.out.println("DamagedPayloadTest: -Dweir.seed=" + seed);
        for (Dtype dtype : Dtype.values()) {
            Chunks chunk = Chunks.random(dtype, Chunks.Change.SOME, 700, random);
            for (int round = 0; round < 4 * ROUNDS; round++) {
                byte[] payload = new byte[random.nextInt(random.nextInt(10) == 0 ? chunk.now().length + 9 : 90)];
                random.nextBytes(payload);
                // Counts and sizes are plausible more often when the first bytes are small.
                for (int i = 0; i < Math.min(payload.length, random.nextInt(12)); i++) {
                    payload[i] &= (byte) (random.nextBoolean() ? 0x07 : 0x7f);
                }
                survives(encoding, chunk, payload);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void flippedBitsAreSurvived(Encoding encoding) {
        System.out.println("DamagedPayloadTest: -Dweir.seed=" + seed);
        for (Dtype dtype : Dtype.values()) {
            for (Chunks.Change change : Chunks.Change.values()) {
                Chunks chunk = Chunks.random(dtype, change, 700, random);
                byte[] valid = payload(encoding, chunk);
                for (int round = 0; round < ROUNDS && valid.length > 0; round++) {
                    byte[] payload = valid.clone();
                    for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                        int range = random.nextBoolean() ? payload.length : Math.min(payload.length, 24);
                        payload[random.nextInt(range)] ^= (byte) (1 << random.nextInt(8));
                    }
                    survives(encoding, chunk, payload);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNCHANGED")
    void everyTruncationIsRefused(Encoding encoding) {
        for (Dtype dtype : Dtype.values()) {
            Chunks chunk = Chunks.random(dtype, Chunks.Change.SOME, 150, random);
            byte[] valid = payload(encoding, chunk);
            for (int length = 0; length < valid.length; length++) {
                byte[] payload = Arrays.copyOf(valid, length);
                assertThatThrownBy(() -> decode(encoding, chunk, payload))
                        .as("%s of %s, %s bytes, seed %s", encoding, chunk, length, seed)
                        .isInstanceOf(BadDeltaException.class);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void bytesBehindTheEndAreRefused(Encoding encoding) {
        Chunks chunk = Chunks.random(Dtype.BF16, Chunks.Change.FEW, 3_000, random);
        byte[] valid = payload(encoding, chunk);
        assertThatThrownBy(() -> decode(encoding, chunk, Arrays.copyOf(valid, valid.length + 1)))
                .isInstanceOf(BadDeltaException.class)
                .hasMessageStartingWith(encoding.label() + " payload");
    }

    @Test
    void messagesSayWhereAndWhatIsAllowed() {
        Chunks chunk = Chunks.random(Dtype.BF16, Chunks.Change.FEW, 100, random);
        assertThatThrownBy(() -> decode(Encoding.SPARSE, chunk, new byte[] {1, 100, 0, 0}))
                .hasMessage("sparse payload, byte 2 of 4: element 100 is beyond the chunk, which has 100");
        assertThatThrownBy(() -> decode(Encoding.ENTROPY, chunk, new byte[] {9}))
                .hasMessage("entropy payload, byte 1 of 1: there are 9 groups, allowed: 1 to 8");
        assertThatThrownBy(() -> decode(Encoding.PLANES, chunk, new byte[] {27, 0}))
                .hasMessage("planes payload, byte 1 of 2: bytes needs 13 bytes, 1 are left");
        assertThatThrownBy(() -> Encoding.of(9)).hasMessageStartingWith("encoding 9 is unknown; allowed: [FULL,");
    }

    private byte[] payload(Encoding encoding, Chunks chunk) {
        if (encoding == Encoding.ENTROPY && !ExponentField.in(chunk.dtype())) {
            return new byte[] {1};
        }
        ByteBuffer view = encoder.encode(encoding, chunk.dtype(), chunk.oldBytes(), chunk.newBytes());
        byte[] payload = new byte[view.remaining()];
        view.get(payload);
        return payload;
    }

    private void survives(Encoding encoding, Chunks chunk, byte[] payload) {
        try {
            assertThat(decode(encoding, chunk, payload).remaining()).isEqualTo(chunk.now().length);
        } catch (BadDeltaException refused) {
            assertThat(refused.getMessage()).contains(encoding.label());
        } catch (RuntimeException | Error wrong) {
            throw new AssertionError(
                    encoding + " of " + chunk + ", seed " + seed + " (-Dweir.seed), payload "
                            + Arrays.toString(payload),
                    wrong);
        }
    }

    private ByteBuffer decode(Encoding encoding, Chunks chunk, byte[] payload) {
        return decoder.decode(encoding, chunk.dtype(), chunk.oldBytes(), ByteBuffer.wrap(payload), chunk.now().length);
    }
}
