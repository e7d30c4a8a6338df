package dev.weir.schemas.delta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.schemas.tensor.Dtype;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class RoundTripTest {
    private static final int[] SIZES = {0, 1, 2, 7, 8, 9, 63, 64, 65, 255, 256, 1_000, 20_011};

    private final long seed = Long.getLong("weir.seed", System.nanoTime());
    private final ChunkEncoder encoder = new ChunkEncoder();
    private final ChunkDecoder decoder = new ChunkDecoder();

    @AfterEach
    void close() {
        encoder.close();
        decoder.close();
    }

    @ParameterizedTest
    @EnumSource
    void everyChunkComesBackBitForBit(Dtype dtype) {
        System.out.println("RoundTripTest: -Dweir.seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        for (Chunks.Change change : Chunks.Change.values()) {
            for (int elements : SIZES) {
                Chunks chunk = Chunks.random(dtype, change, elements, random);
                for (Choice choice : Choice.values()) {
                    EncodedChunk encoded = encoder.encode(dtype, chunk.oldBytes(), chunk.newBytes(), choice);
                    assertThat(encoded.payload().remaining()).as("%s", chunk).isLessThanOrEqualTo(chunk.now().length);
                    assertThat(decoded(chunk, encoded.encoding(), encoded.payload()))
                            .as("%s by %s, seed %s", chunk, encoded.encoding(), seed)
                            .isEqualTo(chunk.now());
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyEncodingThatIsSmallerComesBack(Encoding encoding) {
        SplittableRandom random = new SplittableRandom(seed);
        for (Dtype dtype : Dtype.values()) {
            for (Chunks.Change change : Chunks.Change.values()) {
                Chunks chunk = Chunks.random(dtype, change, 3_000, random);
                if ((encoding == Encoding.ENTROPY && !ExponentField.in(dtype))
                        || (encoding == Encoding.UNCHANGED && change != Chunks.Change.NONE)) {
                    continue;
                }
                ByteBuffer payload = encoder.encode(encoding, dtype, chunk.oldBytes(), chunk.newBytes());
                if (payload.remaining() <= chunk.now().length) {
                    assertThat(decoded(chunk, encoding, payload))
                            .as("%s by %s, seed %s", chunk, encoding, seed)
                            .isEqualTo(chunk.now());
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BF16", "F16", "F32", "I8", "F64"})
    void aChunkOfFullSizeComesBack(Dtype dtype) {
        SplittableRandom random = new SplittableRandom(seed);
        for (Chunks.Change change : Chunks.Change.values()) {
            Chunks chunk = Chunks.random(dtype, change, 983_040 / dtype.bytes(), random);
            EncodedChunk encoded = encoder.encode(dtype, chunk.oldBytes(), chunk.newBytes(), Choice.AUTO);
            assertThat(decoded(chunk, encoded.encoding(), encoded.payload())).isEqualTo(chunk.now());
        }
    }

    @Test
    void theChoiceFollowsFromTheChunk() {
        SplittableRandom random = new SplittableRandom(1);
        assertThat(chosen(Chunks.random(Dtype.BF16, Chunks.Change.NONE, 5_000, random), Choice.AUTO))
                .isEqualTo(Encoding.UNCHANGED);
        assertThat(chosen(Chunks.random(Dtype.BF16, Chunks.Change.ONE, 5_000, random), Choice.AUTO))
                .isEqualTo(Encoding.SPARSE);
        assertThat(chosen(Chunks.random(Dtype.BF16, Chunks.Change.SOME, 5_000, random), Choice.AUTO))
                .isEqualTo(Encoding.ENTROPY);
        assertThat(chosen(Chunks.random(Dtype.BF16, Chunks.Change.SOME, 5_000, random), Choice.FAST))
                .isEqualTo(Encoding.PLANES);
        assertThat(chosen(Chunks.random(Dtype.I32, Chunks.Change.SOME, 5_000, random), Choice.ENTROPY))
                .isEqualTo(Encoding.PLANES);
        assertThat(chosen(Chunks.random(Dtype.F32, Chunks.Change.NOISE, 5_000, random), Choice.AUTO))
                .isEqualTo(Encoding.FULL);
        assertThat(chosen(Chunks.random(Dtype.F32, Chunks.Change.SOME, 5_000, random), Choice.FULL))
                .isEqualTo(Encoding.FULL);
    }

    @Test
    void withoutABaseAChunkIsFull() {
        ByteBuffer bytes = ByteBuffer.wrap(new byte[] {1, 2, 3, 4});
        EncodedChunk encoded = encoder.encode(Dtype.F32, null, bytes, Choice.AUTO);
        assertThat(encoded.encoding()).isEqualTo(Encoding.FULL);
        assertThat(decoder.decode(Encoding.FULL, Dtype.F32, null, encoded.payload(), 4))
                .isEqualTo(bytes);
        assertThatThrownBy(() -> decoder.decode(Encoding.UNCHANGED, Dtype.F32, null, ByteBuffer.allocate(0), 4))
                .isInstanceOf(BadDeltaException.class)
                .hasMessage("unchanged payload for a chunk without a base; allowed: full");
    }

    private Encoding chosen(Chunks chunk, Choice choice) {
        return encoder.encode(chunk.dtype(), chunk.oldBytes(), chunk.newBytes(), choice)
                .encoding();
    }

    private byte[] decoded(Chunks chunk, Encoding encoding, ByteBuffer payload) {
        ByteBuffer out = decoder.decode(encoding, chunk.dtype(), chunk.oldBytes(), payload, chunk.now().length);
        byte[] bytes = new byte[out.remaining()];
        out.get(bytes);
        return bytes;
    }
}
