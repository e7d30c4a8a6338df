package dev.weir.operators;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A12 cotta-restore")
final class CottaRestoreTest {
    private static final int ELEMENTS = 100_000;
    private static final Layout LAYOUT = Layout.of(List.of(new TensorSpec("w", Dtype.F32, List.of((long) ELEMENTS))));

    @Test
    void aProbabilityOfZeroIsTheStudentAndOfOneTheSource() {
        assertThat(restored(0, 7, "run")).isZero();
        assertThat(restored(1, 7, "run")).isEqualTo(ELEMENTS);
    }

    @Test
    void theShareThatIsRestoredIsTheProbability() {
        // Five standard deviations of a binomial of 100,000 at 0.01.
        assertThat(restored(0.01, 7, "run")).isBetween(1_000L - 157, 1_000L + 157);
        assertThat(restored(0.3, 7, "run")).isBetween(30_000L - 725, 30_000L + 725);
    }

    @Test
    void aReplayRestoresTheSameElementsAndAnotherStepOthers() {
        assertThat(emitted(0.3, 7, "run", LAYOUT)).isEqualTo(emitted(0.3, 7, "run", LAYOUT));
        assertThat(emitted(0.3, 7, "run", LAYOUT)).isNotEqualTo(emitted(0.3, 8, "run", LAYOUT));
        assertThat(emitted(0.3, 7, "run", LAYOUT)).isNotEqualTo(emitted(0.3, 7, "other", LAYOUT));
    }

    @Test
    void chunksThatAreCutElsewhereRestoreTheSameElements() {
        Layout small = Layout.of(LAYOUT.tensors(), 4_097);
        assertThat(emitted(0.3, 7, "run", small)).isEqualTo(emitted(0.3, 7, "run", LAYOUT));
    }

    private static long restored(double probability, long step, String run) {
        float[] out = emitted(probability, step, run, LAYOUT);
        long count = 0;
        for (float value : out) {
            count += value == 1 ? 1 : 0;
        }
        return count;
    }

    /** The source is 1 everywhere, the student 2. */
    private static float[] emitted(double probability, long step, String run, Layout layout) {
        Operator restore = Operators.create("cotta-restore", Map.of("probability", probability));
        float[] all = new float[ELEMENTS];
        for (int number = 0; number < layout.chunkCount(); number++) {
            ChunkSpec chunk = layout.chunk(number);
            ChunkFold fold =
                    new ChunkFold(Kernel.create(), restore, TensorPolicy.AVERAGE, layout.tensorOf(chunk), chunk);
            float[] out = new float[chunk.elements()];
            Step source = restore.step(Progress.START, new Checkpoint(1, run, 0));
            Step student = restore.step(source.next(), new Checkpoint(2, run, step));
            fold.update(Arena.ofAuto(), constant(chunk, 1), source.coefficients());
            fold.update(Arena.ofAuto(), constant(chunk, 2), student.coefficients());
            fold.emit(student.coefficients(), MemorySegment.ofArray(out));
            System.arraycopy(out, 0, all, (int) chunk.firstElement(), out.length);
        }
        return all;
    }

    private static MemorySegment constant(ChunkSpec chunk, float value) {
        float[] values = new float[chunk.elements()];
        Arrays.fill(values, value);
        return MemorySegment.ofArray(values);
    }
}
