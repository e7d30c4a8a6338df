package dev.weir.schemas.delta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.schemas.tensor.Dtype;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What the entropy coder writes of a chunk stays the same, on every machine and however it is made faster. */
final class EntropyBytesTest {
    private static final int[] SIZES = {1, 247, 248, 249, 1_000, 20_011};

    @Test
    void theyDoNotChange() throws NoSuchAlgorithmException {
        SplittableRandom random = new SplittableRandom(20261130);
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        // One encoder for all, whose scratch memory has what chunks before have left in it.
        try (ChunkEncoder encoder = new ChunkEncoder()) {
            for (Dtype dtype : List.of(Dtype.BF16, Dtype.F32, Dtype.F16, Dtype.BF16)) {
                for (Chunks.Change change : Chunks.Change.values()) {
                    for (int elements : SIZES) {
                        add(Chunks.random(dtype, change, elements, random), encoder, sha256);
                    }
                }
                add(halfUnchanged(dtype, random), encoder, sha256);
                add(largestMoves(dtype), encoder, sha256);
            }
        }
        assertThat(HexFormat.of().formatHex(sha256.digest()))
                .isEqualTo("e10a510eb5e4caf651312398b13cbec8f60e387bf5647e368d3878c5a5f97edb");
    }

    /** Runs of hundreds of spans, before the first change and behind the last. */
    private static Chunks halfUnchanged(Dtype dtype, SplittableRandom random) {
        Chunks changed = Chunks.random(dtype, Chunks.Change.ALL, 12_000, random);
        byte[] now = changed.now().clone();
        int third = now.length / 3;
        System.arraycopy(changed.old(), 0, now, 0, third);
        System.arraycopy(changed.old(), 2 * third, now, 2 * third, third);
        return new Chunks("half unchanged", dtype, changed.old(), now);
    }

    /** From the smallest ordered integer to the largest and back, which differ by 1 modulo the width, and half of the way. */
    private static Chunks largestMoves(Dtype dtype) {
        int width = dtype.bytes();
        long smallest = -1L << 8 * width - 1;
        long magnitude = Bits.magnitude(dtype);
        byte[] old = new byte[4 * width];
        byte[] now = new byte[4 * width];
        long[] was = {smallest, ~smallest, smallest, 0};
        long[] is = {~smallest, smallest, 0, smallest};
        for (int i = 0; i < was.length; i++) {
            Bits.put(old, i * width, width, Bits.ordered(Bits.wrap(was[i], width), magnitude));
            Bits.put(now, i * width, width, Bits.ordered(Bits.wrap(is[i], width), magnitude));
        }
        return new Chunks("largest moves", dtype, old, now);
    }

    private static void add(Chunks chunk, ChunkEncoder encoder, MessageDigest sha256) {
        ByteBuffer payload = encoder.encode(Encoding.ENTROPY, chunk.dtype(), chunk.oldBytes(), chunk.newBytes());
        sha256.update(ByteBuffer.allocate(4).putInt(payload.remaining()).flip());
        sha256.update(payload);
    }
}
