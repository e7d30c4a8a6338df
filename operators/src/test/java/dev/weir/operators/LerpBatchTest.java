package dev.weir.operators;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Channels that share the reading of a chunk, and checkpoints that share that of the means, give the bits that each gives alone. */
final class LerpBatchTest {
    private static final int ELEMENTS = 4099;
    private static final int CHANNELS = 9;

    private final Kernel kernel = Kernel.create();

    /** Chunks that were kept; whatever is not is overwritten. */
    private final Set<MemorySegment> kept = new HashSet<>();

    private final LerpBatch.Memory memory = new LerpBatch.Memory() {
        @Override
        public void keep(MemorySegment chunk) {
            assertThat(kept.add(chunk)).isTrue();
        }

        @Override
        public void drop(MemorySegment chunk) {
            assertThat(kept.remove(chunk)).isTrue();
            chunk.fill((byte) 0x7f);
        }
    };

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "F16", "BF16"})
    void theBitsAreThoseOfOneAfterTheOther(Dtype dtype) {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int left = 0;
        try (Arena arena = Arena.ofConfined()) {
            LerpBatch batch = new LerpBatch(kernel, memory);
            List<ChunkFold> together = folds(dtype, batch);
            List<ChunkFold> alone = folds(dtype, null);
            for (int step = 0; step < 40; step++) {
                MemorySegment theta = arena.allocate((long) dtype.bytes() * ELEMENTS, 64);
                kernel.encode64(random.doubles(ELEMENTS, -3, 3).toArray(), ELEMENTS, dtype, theta, 0);
                // Now and then some channels are passed by; a share of 1 copies, as a first checkpoint does.
                boolean all = random.nextInt(3) > 0;
                for (int channel = 0; channel < CHANNELS; channel++) {
                    double share = step == 0 || random.nextInt(16) == 0 ? 1 : random.nextDouble();
                    if (step == 0 || all || random.nextInt(4) > 0) {
                        together.get(channel).update(arena, theta, List.of(share));
                        alone.get(channel).update(arena, theta, List.of(share));
                    }
                }
                if (random.nextInt(4) > 0) {
                    boolean untilRead = random.nextInt(4) == 0;
                    batch.leave(untilRead);
                    assertThat(kept.size()).isLessThanOrEqualTo(untilRead ? 2 : 1);
                } else {
                    batch.run();
                    assertThat(kept).isEmpty();
                }
                left += kept.size();
                if (!kept.contains(theta)) {
                    theta.fill((byte) 0x7f);
                }
                if (random.nextInt(4) == 0) {
                    for (int channel = 0; channel < CHANNELS; channel++) {
                        assertThat(bytes(together.get(channel)))
                                .as("seed " + seed + ", step " + step + ", channel " + channel)
                                .isEqualTo(bytes(alone.get(channel)));
                    }
                    assertThat(kept).as("once looked at").isEmpty();
                }
            }
        }
        assertThat(left > 0).as("seed " + seed).isEqualTo(dtype != Dtype.F64);
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "BF16"})
    void aChunkThatStaysTheSameEntersBehindWhatWasLeft(Dtype dtype) {
        try (Arena arena = Arena.ofConfined()) {
            LerpBatch batch = new LerpBatch(kernel, memory);
            ChunkFold late = folds(dtype, batch).getFirst();
            ChunkFold early = folds(dtype, null).getFirst();
            List<MemorySegment> thetas = new ArrayList<>();
            for (int n = 0; n < 4; n++) {
                MemorySegment theta = arena.allocate((long) dtype.bytes() * ELEMENTS, 64);
                kernel.encode64(new Random(n).doubles(ELEMENTS, -3, 3).toArray(), ELEMENTS, dtype, theta, 0);
                thetas.add(theta);
            }
            MemorySegment same = arena.allocate(thetas.get(2).byteSize(), 64).copyFrom(thetas.get(2));
            for (ChunkFold fold : List.of(early, late)) {
                fold.update(arena, thetas.get(0), List.of(1.0));
                batch.leave(false);
                fold.update(arena, thetas.get(1), List.of(0.3));
                batch.leave(false);
                fold.update(arena, thetas.get(2), List.of(0.2));
                batch.leave(false);
                fold.repeat(same, List.of(0.4));
                fold.update(arena, thetas.get(3), List.of(0.6));
                batch.leave(false);
            }
            assertThat(bytes(late)).isEqualTo(bytes(early));
        }
    }

    private List<ChunkFold> folds(Dtype dtype, @Nullable LerpBatch batch) {
        TensorSpec tensor = new TensorSpec("w", dtype, List.of((long) ELEMENTS));
        ChunkSpec chunk = Layout.of(List.of(tensor)).chunk(0);
        List<ChunkFold> folds = new ArrayList<>();
        for (int channel = 0; channel < CHANNELS; channel++) {
            Operator ema = Operators.create("ema", Map.of());
            folds.add(new ChunkFold(kernel, ema, TensorPolicy.AVERAGE, tensor, chunk, batch));
        }
        return folds;
    }

    private static byte[] bytes(ChunkFold fold) {
        MemorySegment state = fold.state();
        return state == null ? new byte[0] : state.toArray(ValueLayout.JAVA_BYTE);
    }
}
