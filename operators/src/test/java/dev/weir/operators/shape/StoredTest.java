package dev.weir.operators.shape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.tensor.Dtype;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** K6 over checkpoints that are held: what goes in comes out, and combinations are linear. */
final class StoredTest {
    private static final int ELEMENTS = 4100;
    private static final Stored STORED = new Stored(3);

    private final Kernel kernel = Kernel.create();
    private final Arena arena = Arena.ofAuto();

    @ParameterizedTest
    @EnumSource(
            value = Dtype.class,
            names = {"F64", "F32", "F16", "BF16"})
    void aModelThatIsTakenAloneComesOutBitForBit(Dtype dtype) {
        MemorySegment[] models = {random(dtype, 1), random(dtype, 2), random(dtype, 3)};
        MemorySegment state = held(dtype, models);
        for (int i = 0; i < models.length; i++) {
            List<Double> alone = List.of(i == 0 ? 1.0 : 0.0, i == 1 ? 1.0 : 0.0, i == 2 ? 1.0 : 0.0);
            assertThat(emit(dtype, state, alone).mismatch(models[i])).isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Dtype.class,
            names = {"F64", "F32", "F16", "BF16"})
    void aConstantStaysWhatItIsWhateverTheCoefficients(Dtype dtype) {
        MemorySegment model = random(dtype, 1);
        MemorySegment state = held(dtype, model, model, model);
        assertThat(emit(dtype, state, List.of(6.5, -2.25, -3.25)).mismatch(model))
                .isEqualTo(-1);
        assertThat(emit(dtype, state, List.of(1 / 3.0, 1 / 3.0, 1 / 3.0)).mismatch(model))
                .isEqualTo(-1);
    }

    @Test
    void combinationsOfCoefficientsAreCombinationsOfResults() {
        MemorySegment state = held(Dtype.F64, random(Dtype.F64, 1), random(Dtype.F64, 2), random(Dtype.F64, 3));
        MemorySegment one = emit(Dtype.F64, state, List.of(0.2, 0.3, 0.5));
        MemorySegment other = emit(Dtype.F64, state, List.of(1.5, -1.0, 0.5));
        MemorySegment between = emit(Dtype.F64, state, List.of(0.85, -0.35, 0.5));
        for (int i = 0; i < ELEMENTS; i++) {
            double middle = (f64(one, i) + f64(other, i)) / 2;
            assertThat(f64(between, i)).isCloseTo(middle, within(1e-15));
        }
    }

    @Test
    void aSlotIsTakenAgainByTheNextModel() {
        MemorySegment state = held(Dtype.F32, random(Dtype.F32, 1), random(Dtype.F32, 2), random(Dtype.F32, 3));
        MemorySegment next = random(Dtype.F32, 4);
        STORED.update(kernel, state, next, Dtype.F32, ELEMENTS, List.of(1.0));
        assertThat(emit(Dtype.F32, state, List.of(0.0, 1.0, 0.0)).mismatch(next))
                .isEqualTo(-1);
    }

    @Test
    void coefficientsAreOneRowForAllTensorsOrARowForEach() {
        List<Double> rows = List.of(1.0, 0.0, 0.0, 0.2, 0.3, 0.5);
        assertThat(STORED.row(rows, 1)).containsExactly(0.2, 0.3, 0.5);
        assertThat(STORED.row(rows.subList(0, 3), 1)).containsExactly(1.0, 0.0, 0.0);
        assertThat(STORED.weights(rows)).containsExactly(new double[] {0.6, 0.15, 0.25}, within(1e-15));
        assertThat(STORED.effectiveWeights(List.of(List.of(0.0), List.of(1.0), List.of(2.0), List.of(0.0))))
                .containsExactly(0, 1 / 3.0, 1 / 3.0, 1 / 3.0);
    }

    private MemorySegment held(Dtype dtype, MemorySegment... models) {
        MemorySegment state = arena.allocate(STORED.stateBytes(dtype, ELEMENTS), 64);
        for (int slot = 0; slot < models.length; slot++) {
            STORED.update(kernel, state, models[slot], dtype, ELEMENTS, List.of((double) slot));
        }
        return state;
    }

    private MemorySegment emit(Dtype dtype, MemorySegment state, List<Double> coefficients) {
        MemorySegment out = arena.allocate((long) dtype.bytes() * ELEMENTS);
        STORED.emit(kernel, state, dtype, ELEMENTS, coefficients, out);
        return out;
    }

    private MemorySegment random(Dtype dtype, long seed) {
        Random random = new Random(seed);
        double[] values = random.doubles(ELEMENTS, -1, 1).toArray();
        MemorySegment bytes = arena.allocate((long) dtype.bytes() * ELEMENTS);
        kernel.encode64(values, ELEMENTS, dtype, bytes, 0);
        return bytes;
    }

    private static double f64(MemorySegment bytes, int index) {
        return bytes.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, 8L * index);
    }
}
