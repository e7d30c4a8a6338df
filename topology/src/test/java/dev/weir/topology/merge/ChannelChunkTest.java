package dev.weir.topology.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.weir.operators.ChunkFold;
import dev.weir.operators.Operators;
import dev.weir.operators.TensorPolicy;
import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.tensor.Crc;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What several averages of one chunk keep in memory, and for how long. */
final class ChannelChunkTest {
    private static final Layout LAYOUT = Layout.of(List.of(new TensorSpec("w", Dtype.F32, List.of(2L))));
    private static final int CHUNK_BYTES = 8;

    private final Arena arena = Arena.ofShared();
    private final ChunkPool pool = new ChunkPool(Long.MAX_VALUE);
    private final List<ChannelChunk> channels = List.of(channel(), channel(), channel());

    @AfterEach
    void close() {
        channels.forEach(ChannelChunk::release);
        pool.close();
        arena.close();
    }

    @Test
    void aChunkThatAlwaysChangesIsNeverKept() {
        for (int step = 0; step < 20; step++) {
            enter(step, 1, step == 0 ? 1 : 0.5);
            assertThat(pool.bytes()).isEqualTo(CHUNK_BYTES);
            assertThat(saved(0).byteSize()).isEqualTo(CHUNK_BYTES + 16);
        }
    }

    @Test
    void aChunkThatStaysIsKeptOnceForAllChannelsUntilItChanges() {
        enter(1, 1, 1);
        enter(2, 1, 0.5);
        for (int repetition = 0; repetition < 10; repetition++) {
            enter(2, 1, 0.5);
            assertThat(pool.usedBytes()).as("owned by those who copied it").isZero();
        }
        assertThat(pool.bytes()).as("the kept one, and the next one to compare").isEqualTo(2 * CHUNK_BYTES);
        assertThat(saved(0).byteSize()).isEqualTo(2 * CHUNK_BYTES + 16);
        assertThat(value()).isEqualTo(2 - 0x1p-11f);
        enter(3, 1, 0.5);
        enter(4, 1, 0.5);
        assertThat(pool.bytes()).isEqualTo(2 * CHUNK_BYTES);
        assertThat(saved(0).byteSize()).isEqualTo(CHUNK_BYTES + 16);
        assertThat(value()).isEqualTo(((2 - 0x1p-11f) + 3) / 4 + 2);
    }

    @Test
    void aChunkThatIsFrozenFromTheBeginningNeedsNothingInAKeyframe() {
        enter(1, 1, 1);
        for (int repetition = 0; repetition < 5; repetition++) {
            enter(1, 1, 0.1);
            assertThat(saved(0).byteSize()).isEqualTo(CHUNK_BYTES + 16);
        }
        assertThat(value()).isEqualTo(1);
    }

    @Test
    void aSharedChunkIsComparedByItsAddressAndOutlivesItsOwner() {
        Held base = held(5, 1);
        for (ChannelChunk channel : channels) {
            channel.update(arena, held(4, 1), List.of(1.0));
            channel.update(arena, base, List.of(0.5));
            channel.update(arena, base, List.of(0.5));
            channel.update(arena, base, List.of(0.5));
        }
        pool.release(base.bytes());
        MemorySegment other = pool.copy(MemorySegment.ofArray(new float[] {7, 7}));
        assertThat(other.address()).isNotEqualTo(base.bytes().address());
        assertThat(value()).isEqualTo(4.875f);
    }

    @Test
    void aSavedAverageGoesOnWithTheSameBits() {
        enter(1, 1, 1);
        enter(2, 1, 0.3);
        enter(2, 1, 0.3);
        enter(2, 1, 0.3);
        MemorySegment saved = arena.allocate(saved(0).byteSize(), 8).copyFrom(saved(0));
        ChannelChunk resumed = channel();
        resumed.resume(saved, CHUNK_BYTES);
        saved.asSlice(saved.byteSize() - CHUNK_BYTES).fill((byte) 0);
        enter(2, 1, 0.1);
        resumed.update(arena, held(2, 1), List.of(0.1));
        assertThat(floats(resumed)).isEqualTo(floats(channels.getFirst()));
        enter(9, 2, 0.2);
        resumed.update(arena, held(9, 2), List.of(0.2));
        assertThat(floats(resumed)).isEqualTo(floats(channels.getFirst()));
        resumed.release();
    }

    @Test
    void aStateOfAnotherSizeIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> channel().resume(arena.allocate(CHUNK_BYTES, 8), CHUNK_BYTES))
                .withMessage("a state of 8 bytes; needed: 24 or 32");
    }

    /** A checkpoint's chunk into all channels; whoever copied it gives it back. */
    private void enter(float first, float second, double a) {
        Held held = held(first, second);
        channels.forEach(channel -> channel.update(arena, held, List.of(a)));
        pool.release(held.bytes());
    }

    private Held held(float first, float second) {
        MemorySegment bytes = pool.copy(MemorySegment.ofArray(new float[] {first, second}));
        return new Held(Crc.crc32c(bytes.asByteBuffer()), bytes, 0, 0, false, false, true);
    }

    private float value() {
        return floats(channels.getFirst())[0];
    }

    private float[] floats(ChannelChunk channel) {
        float[] out = new float[2];
        MemorySegment.ofArray(out).copyFrom(channel.merged(List.of(0.5), arena.allocate(CHUNK_BYTES, 8)));
        return out;
    }

    private MemorySegment saved(int channel) {
        return Objects.requireNonNull(channels.get(channel).saved(arena));
    }

    private ChannelChunk channel() {
        ChunkFold fold = new ChunkFold(
                Kernel.create(),
                Operators.create("ema", Map.of()),
                TensorPolicy.AVERAGE,
                LAYOUT.tensors().getFirst(),
                LAYOUT.chunk(0));
        return new ChannelChunk(fold, pool);
    }
}
