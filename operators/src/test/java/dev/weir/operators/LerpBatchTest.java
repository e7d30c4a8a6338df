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
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Channels that share the reading of a chunk have the states that each has by itself. */
final class LerpBatchTest {
    private static final int ELEMENTS = 4099;
    private static final int CHANNELS = 9;

    private final Kernel kernel = Kernel.create();

    @ParameterizedTest
    @EnumSource(names = {"F32", "F64", "F16", "BF16"})
    void theBitsAreThoseOfOneAfterTheOther(Dtype dtype) {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        try (Arena arena = Arena.ofConfined()) {
            LerpBatch batch = new LerpBatch(kernel);
            List<ChunkFold> together = folds(dtype, batch);
            List<ChunkFold> alone = folds(dtype, null);
            for (int step = 0; step < 6; step++) {
                MemorySegment theta = arena.allocate((long) dtype.bytes() * ELEMENTS, 64);
                kernel.encode64(random.doubles(ELEMENTS, -3, 3).toArray(), ELEMENTS, dtype, theta, 0);
                for (int channel = 0; channel < CHANNELS; channel++) {
                    // A channel passes some by; a share of 1 copies, as a first checkpoint does.
                    double share = step == 0 || random.nextInt(8) == 0 ? 1 : random.nextDouble();
                    if (step == 0 || random.nextInt(4) > 0) {
                        together.get(channel).update(arena, theta, List.of(share));
                        alone.get(channel).update(arena, theta, List.of(share));
                    }
                }
                batch.run();
                for (int channel = 0; channel < CHANNELS; channel++) {
                    assertThat(bytes(together.get(channel)))
                            .as("seed " + seed + ", step " + step + ", channel " + channel)
                            .isEqualTo(bytes(alone.get(channel)));
                }
            }
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
