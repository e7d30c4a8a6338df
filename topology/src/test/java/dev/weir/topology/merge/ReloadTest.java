package dev.weir.topology.merge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.operators.TensorPolicy;
import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.delta.Encoding;
import dev.weir.schemas.record.Chunk;
import dev.weir.schemas.record.Open;
import dev.weir.schemas.tensor.Crc;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Chunks that are decoded once more, whatever was refused among them. */
final class ReloadTest {
    private static final Layout SMALL = Layout.of(List.of(new TensorSpec("w", Dtype.F32, List.of(2L))));
    private static final Layout LARGE = Layout.of(List.of(new TensorSpec("w", Dtype.F32, List.of(3L))));

    @Test
    void aDifferenceThatNamesAnotherLayoutThanItsBaseGivesNothing() {
        try (ChunkPool pool = new ChunkPool(Long.MAX_VALUE);
                ChunkIntake intake = new ChunkIntake(0, 1, Kernel.create(), tensor -> TensorPolicy.AVERAGE, pool);
                Reload reload = new Reload(intake, pool)) {
            ByteBuffer bytes = ByteBuffer.wrap(new byte[8]);
            assertThat(reload.chunk(chunk(SMALL, 10, Encoding.FULL, bytes), SMALL))
                    .isNotNull();
            ByteBuffer none = ByteBuffer.allocate(0);
            assertThat(reload.chunk(chunk(LARGE, 20, Encoding.UNCHANGED, none), LARGE))
                    .isNull();
            assertThat(reload.chunk(chunk(SMALL, 30, Encoding.UNCHANGED, none), SMALL))
                    .isNotNull();
        }
    }

    @Test
    void anEpochThatIsOpenedOnceMoreGoesOnWithWhatItHas() {
        try (ChunkPool pool = new ChunkPool(Long.MAX_VALUE);
                ChunkIntake intake = new ChunkIntake(0, 1, Kernel.create(), tensor -> TensorPolicy.AVERAGE, pool);
                Reload reload = new Reload(intake, pool)) {
            ByteBuffer bytes = ByteBuffer.wrap(new byte[8]);
            reload.chunk(chunk(SMALL, 10, Encoding.FULL, bytes), SMALL);
            reload.opened(new Open(1, "r", 1L, SMALL.hashRecord(), SMALL.toRecord(), true, Map.of()));
            assertThat(reload.chunk(chunk(SMALL, 20, Encoding.UNCHANGED, ByteBuffer.allocate(0)), SMALL))
                    .isNotNull();
        }
    }

    @Test
    void whatWasWrittenBeforeAnEpochBeganIsWrittenAgain() {
        try (ChunkPool pool = new ChunkPool(Long.MAX_VALUE);
                ChunkIntake intake = new ChunkIntake(0, 1, Kernel.create(), tensor -> TensorPolicy.AVERAGE, pool);
                Reload reload = new Reload(intake, pool)) {
            Chunk chunk = chunk(SMALL, 10, Encoding.FULL, ByteBuffer.wrap(new byte[8]));
            reload.chunk(chunk, SMALL);
            reload.opened(new Open(1, "r", 1L, SMALL.hashRecord(), SMALL.toRecord(), true, Map.of()));
            assertThat(reload.chunk(chunk, SMALL)).as("the one that counts").isNotNull();
            assertThat(reload.chunk(chunk, SMALL)).as("once more").isNull();
            assertThat(pool.usedBytes()).isEqualTo(8);
        }
    }

    /** One that refers to step 10, with the checksum of two zeros. */
    private static Chunk chunk(Layout layout, long step, Encoding encoding, ByteBuffer payload) {
        int crc = Crc.crc32c(ByteBuffer.wrap(new byte[8]));
        return new Chunk(1, "r", 1L, step, layout.hashRecord(), 0, encoding.number(), 10L, crc, payload);
    }
}
