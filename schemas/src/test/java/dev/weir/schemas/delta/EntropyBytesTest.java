package dev.weir.schemas.delta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.schemas.tensor.Dtype;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the entropy coder writes of a chunk stays the same, on every machine and however it is made faster. */
final class EntropyBytesTest {
    private static final int[] SIZES = {1, 247, 248, 249, 1_000, 20_011};

    @ParameterizedTest
    @CsvSource({
        "BF16, cb518b9c75e22bd02e1ba8d2b3579049c401e690146aa4a4b8acb966da70f260",
        "F16, 3b55b4c30ed1c8ca31f7a8783b1f52bf45d9faf0914ad30554d71f93d4fd9dc1",
        "F32, a27bbcf5fcbb08ac69d6883e7fcb74ac19eb6ecbd386910e7cede3e7e441317d",
    })
    void theyDoNotChange(Dtype dtype, String expected) throws NoSuchAlgorithmException {
        SplittableRandom random = new SplittableRandom(20261130);
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        try (ChunkEncoder encoder = new ChunkEncoder()) {
            for (Chunks.Change change : Chunks.Change.values()) {
                for (int elements : SIZES) {
                    Chunks chunk = Chunks.random(dtype, change, elements, random);
                    ByteBuffer payload = encoder.encode(Encoding.ENTROPY, dtype, chunk.oldBytes(), chunk.newBytes());
                    sha256.update(
                            ByteBuffer.allocate(4).putInt(payload.remaining()).flip());
                    sha256.update(payload);
                }
            }
        }
        assertThat(HexFormat.of().formatHex(sha256.digest())).isEqualTo(expected);
    }
}
