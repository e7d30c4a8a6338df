package dev.weir.clients.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.schemas.delta.Choice;
import dev.weir.schemas.delta.ChunkDecoder;
import dev.weir.schemas.delta.EncodedChunk;
import dev.weir.schemas.delta.Encoding;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Which checkpoints travel as differences, and against what. */
final class DeltaWriterTest {
    private static final Layout LAYOUT = Layout.of(List.of(new TensorSpec("w", Dtype.BF16, List.of(4096L))));
    private static final ChunkSpec CHUNK = LAYOUT.chunk(0);

    private final DeltaWriter writer = writer(new Deltas(Choice.ENTROPY, 4));

    @Test
    void theFirstCheckpointTravelsInFull() {
        assertThat(write(writer, 10, -1, bytes(1)).encoding()).isEqualTo(Encoding.FULL);
        assertThat(writer.baseStep()).isEqualTo(-1);
    }

    @Test
    void theNextOneIsADifferenceThatGivesItsBytesBack() {
        write(writer, 10, -1, bytes(1));
        EncodedChunk encoded = write(writer, 20, 10, bytes(2));
        assertThat(encoded.encoding()).isEqualTo(Encoding.ENTROPY);
        assertThat(writer.baseStep()).isEqualTo(10);
        try (ChunkDecoder decoder = new ChunkDecoder()) {
            assertThat(decoder.decode(encoded.encoding(), Dtype.BF16, bytes(1), encoded.payload(), CHUNK.byteSize()))
                    .isEqualTo(bytes(2));
        }
    }

    @Test
    void aChunkThatDidNotChangeIsAMarker() {
        write(writer, 10, -1, bytes(1));
        EncodedChunk encoded = write(writer, 20, 10, bytes(1));
        assertThat(encoded.encoding()).isEqualTo(Encoding.UNCHANGED);
        assertThat(encoded.payload().remaining()).isZero();
    }

    @Test
    void nothingRefersToACheckpointThatWasNotAccepted() {
        write(writer, 10, -1, bytes(1));
        write(writer, 20, 10, bytes(2));
        assertThat(write(writer, 30, 10, bytes(3)).encoding()).isEqualTo(Encoding.FULL);
        assertThat(write(writer, 40, 30, bytes(4)).encoding()).isEqualTo(Encoding.ENTROPY);
    }

    @Test
    void nothingRefersToACheckpointThatWasNotSentInWhole() {
        write(writer, 10, -1, bytes(1));
        writer.begin(10);
        writer.encode(CHUNK, bytes(2));
        assertThat(write(writer, 30, 10, bytes(3)).encoding()).isEqualTo(Encoding.FULL);
    }

    @Test
    void everyFourthCheckpointIsAnAnchor() {
        StringBuilder encodings = new StringBuilder();
        for (int step = 1; step <= 9; step++) {
            encodings.append(write(writer, step, step - 1, bytes(step)).encoding() == Encoding.FULL ? 'F' : 'd');
        }
        assertThat(encodings.toString()).isEqualTo("FdddFdddF");
    }

    @Test
    void withoutDifferencesNothingIsKept() {
        DeltaWriter full = writer(Deltas.NONE);
        write(full, 10, -1, bytes(1));
        assertThat(write(full, 20, 10, bytes(1)).encoding()).isEqualTo(Encoding.FULL);
    }

    @Test
    void anAnchorInLessThanOneCheckpointIsRefused() {
        assertThatThrownBy(() -> new Deltas(Choice.AUTO, 0)).hasMessage("anchorEvery is 0; allowed: 1 and more");
    }

    private static DeltaWriter writer(Deltas deltas) {
        return new DeltaWriter(deltas, LAYOUT, () -> 0);
    }

    private static EncodedChunk write(DeltaWriter writer, long step, long accepted, ByteBuffer bytes) {
        writer.begin(accepted);
        EncodedChunk encoded = writer.encode(CHUNK, bytes);
        writer.sent(step, 1, 1);
        return encoded;
    }

    /** Weights of which each step changes one in eight a little. */
    private static ByteBuffer bytes(int step) {
        SplittableRandom random = new SplittableRandom(1);
        ByteBuffer bytes = ByteBuffer.allocate(CHUNK.byteSize()).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < CHUNK.elements(); i++) {
            int moves = (i + step) / 8;
            bytes.putShort((short) (0x3c00 + random.nextInt(0x300) + moves % 2));
        }
        return bytes.flip();
    }
}
