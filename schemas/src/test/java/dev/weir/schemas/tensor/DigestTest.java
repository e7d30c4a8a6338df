package dev.weir.schemas.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DigestTest {

    private static final List<TensorSpec> TENSORS = List.of(
            new TensorSpec("w", Dtype.F32, List.of(13L, 7L)),
            new TensorSpec("scalar", Dtype.F64, List.of()),
            new TensorSpec("a.empty", Dtype.BF16, List.of(0L, 3L)),
            new TensorSpec("zz.empty", Dtype.U8, List.of(0L)),
            new TensorSpec("é", Dtype.BF16, List.of(31L)));

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 17, 1_000})
    void theContentDigestIsThatOfWholeTensorsHoweverTheyAreChunked(int chunkElements) throws Exception {
        Random random = new Random(42);
        TreeMap<String, byte[]> data = new TreeMap<>();
        for (TensorSpec tensor : TENSORS) {
            byte[] bytes = new byte[(int) tensor.byteSize()];
            random.nextBytes(bytes);
            data.put(tensor.name(), bytes);
        }
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        appendTensor(whole, "a.empty", "BF16", "0,3", data);
        appendTensor(whole, "scalar", "F64", "", data);
        appendTensor(whole, "w", "F32", "13,7", data);
        appendTensor(whole, "zz.empty", "U8", "0", data);
        appendTensor(whole, "é", "BF16", "31", data);

        Layout layout = Layout.of(TENSORS, chunkElements);
        ContentDigest digest = new ContentDigest(layout);
        for (int i = 0; i < layout.chunkCount(); i++) {
            ChunkSpec chunk = layout.chunk(i);
            ByteBuffer bytes = ByteBuffer.wrap(
                    data.get(layout.tensorOf(chunk).name()), (int) chunk.tensorByteOffset(), chunk.byteSize());
            int position = bytes.position();
            digest.update(bytes);
            assertThat(bytes.position()).isEqualTo(position);
        }
        assertThat(digest.finish())
                .isEqualTo(MessageDigest.getInstance("SHA-256").digest(whole.toByteArray()));
        assertThatIllegalStateException().isThrownBy(digest::finish);
    }

    @Test
    void aChunkOfAnotherSizeIsRefused() {
        ContentDigest digest = new ContentDigest(Layout.of(List.of(TENSORS.get(0)), 10));
        digest.update(ByteBuffer.allocate(40));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> digest.update(ByteBuffer.allocate(39)))
                .withMessage("chunk 1 of tensor w at byte 40 has 39 bytes, its layout says 40");
    }

    @Test
    void missingAndSurplusChunksAreRefused() {
        ContentDigest digest = new ContentDigest(Layout.of(List.of(TENSORS.get(1))));
        assertThatIllegalStateException()
                .isThrownBy(digest::finish)
                .withMessage("chunk 0 is missing, the layout has 1 chunks");
        digest.update(ByteBuffer.allocate(8));
        assertThatIllegalStateException().isThrownBy(() -> digest.update(ByteBuffer.allocate(8)));
        assertThat(digest.finish()).hasSize(32);
    }

    @Test
    void thePartDigestIsThatOfNumbersAndChecksums() throws Exception {
        PartDigest digest = new PartDigest();
        digest.add(3, 0x01020304);
        digest.add(260, -1);
        assertThat(digest.count()).isEqualTo(2);
        byte[] form = {0, 0, 0, 3, 1, 2, 3, 4, 0, 0, 1, 4, -1, -1, -1, -1};
        assertThatIllegalArgumentException().isThrownBy(() -> digest.add(260, 0));
        assertThat(digest.finish())
                .isEqualTo(MessageDigest.getInstance("SHA-256").digest(form));
        assertThatIllegalStateException().isThrownBy(digest::finish);
        assertThatIllegalStateException().isThrownBy(() -> digest.add(261, 0));
    }

    @Test
    void theChecksumIsCastagnolisAndLeavesThePosition() {
        ByteBuffer bytes = ByteBuffer.wrap("x123456789".getBytes(StandardCharsets.US_ASCII))
                .position(1);
        assertThat(Crc.crc32c(bytes)).isEqualTo(0xE3069283);
        assertThat(Crc.crc32c(bytes.asReadOnlyBuffer())).isEqualTo(0xE3069283);
        assertThat(bytes.position()).isEqualTo(1);
    }

    private static void appendTensor(
            ByteArrayOutputStream out, String name, String dtype, String shape, TreeMap<String, byte[]> data)
            throws Exception {
        out.write((name + "\0" + dtype + "\0" + shape + "\0").getBytes(StandardCharsets.UTF_8));
        out.write(data.get(name));
    }
}
