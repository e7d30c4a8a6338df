package dev.weir.operators.shape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.operators.Checkpoint;
import dev.weir.operators.Operator;
import dev.weir.operators.Progress;
import dev.weir.operators.Step;
import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.tensor.Dtype;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every shape keeps, whichever operator runs on it. One small subclass an operator. */
abstract class ShapeContract {
    private static final int ELEMENTS = 1021;
    private static final long SEED = 20_261_123;

    /** The operator under test. */
    abstract Operator operator();

    /** Whether the order of the checkpoints is of no account. */
    abstract boolean orderFree();

    @ParameterizedTest
    @EnumSource(names = {"F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2"})
    void constantInputStaysConstantToTheBit(Dtype dtype) {
        byte[] theta = values(dtype, new Random(SEED));
        byte[][] stream = new byte[9][];
        Arrays.fill(stream, theta);
        assertThat(fold(dtype, ELEMENTS, stream)).isEqualTo(theta);
    }

    @Test
    void effectiveWeightsSumToOneAndGiveWhatIsEmitted() {
        List<List<Double>> updates = new ArrayList<>();
        byte[][] stream = stream(Dtype.F64, 12);
        Progress progress = Progress.START;
        for (int i = 0; i < stream.length; i++) {
            Step step = operator().step(progress, new Checkpoint(i + 1L, "run", i + 1L));
            progress = step.next();
            updates.add(step.coefficients());
        }
        double[] weights = operator().shape().effectiveWeights(updates);
        assertThat(Arrays.stream(weights).sum()).isCloseTo(1, within(1e-12));
        MemorySegment emitted = MemorySegment.ofArray(fold(Dtype.F64, ELEMENTS, stream));
        for (int element = 0; element < ELEMENTS; element++) {
            double sum = 0;
            for (int i = 0; i < stream.length; i++) {
                sum += weights[i]
                        * MemorySegment.ofArray(stream[i]).get(ValueLayout.JAVA_DOUBLE_UNALIGNED, 8L * element);
            }
            assertThat(emitted.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, 8L * element))
                    .isCloseTo(sum, within(1e-12));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F64", "F32", "F16", "BF16"})
    void chunksThatAreCutElsewhereGiveTheSameBits(Dtype dtype) {
        byte[][] stream = stream(dtype, 7);
        byte[] whole = fold(dtype, ELEMENTS, stream);
        int cut = 333;
        byte[] left = fold(dtype, cut, part(stream, 0, cut * dtype.bytes()));
        byte[] right = fold(dtype, ELEMENTS - cut, part(stream, cut * dtype.bytes(), ELEMENTS * dtype.bytes()));
        assertThat(left).isEqualTo(Arrays.copyOfRange(whole, 0, left.length));
        assertThat(right).isEqualTo(Arrays.copyOfRange(whole, left.length, whole.length));
    }

    @Test
    void theOrderIsOfNoAccountExactlyWhereThatIsClaimed() {
        byte[][] stream = stream(Dtype.F32, 7);
        byte[][] reversed = new byte[stream.length][];
        for (int i = 0; i < stream.length; i++) {
            reversed[i] = stream[stream.length - 1 - i];
        }
        boolean same = Arrays.equals(fold(Dtype.F32, ELEMENTS, stream), fold(Dtype.F32, ELEMENTS, reversed));
        assertThat(same).isEqualTo(orderFree());
    }

    @Test
    void whatIsEmittedBetweenDoesNotChangeWhatComesAfter() {
        byte[][] stream = stream(Dtype.BF16, 7);
        assertThat(fold(Dtype.BF16, ELEMENTS, true, stream)).isEqualTo(fold(Dtype.BF16, ELEMENTS, false, stream));
    }

    private byte[] fold(Dtype dtype, int elements, byte[]... stream) {
        return fold(dtype, elements, false, stream);
    }

    private byte[] fold(Dtype dtype, int elements, boolean emitAlways, byte[]... stream) {
        Kernel kernel = Kernel.create();
        Shape shape = operator().shape();
        byte[] out = new byte[elements * dtype.bytes()];
        Progress progress = Progress.START;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(shape.stateBytes(dtype, elements), 64);
            List<Double> newest = List.of();
            for (int i = 0; i < stream.length; i++) {
                Step step = operator().step(progress, new Checkpoint(i + 1L, "run", i + 1L));
                progress = step.next();
                newest = step.coefficients();
                shape.update(kernel, state, MemorySegment.ofArray(stream[i]), dtype, elements, newest);
                if (emitAlways) {
                    shape.emit(kernel, state, dtype, elements, newest, MemorySegment.ofArray(out));
                }
            }
            shape.emit(kernel, state, dtype, elements, newest, MemorySegment.ofArray(out));
        }
        return out;
    }

    private static byte[][] stream(Dtype dtype, int length) {
        Random random = new Random(SEED);
        byte[][] stream = new byte[length][];
        for (int i = 0; i < length; i++) {
            stream[i] = values(dtype, random);
        }
        return stream;
    }

    /** Values near 1 in every float dtype: rounded from f32 by the kernel itself, so representable. */
    private static byte[] values(Dtype dtype, Random random) {
        byte[] bytes = new byte[ELEMENTS * dtype.bytes()];
        if (dtype == Dtype.F64) {
            for (int i = 0; i < ELEMENTS; i++) {
                MemorySegment.ofArray(bytes).set(ValueLayout.JAVA_DOUBLE_UNALIGNED, 8L * i, random.nextGaussian());
            }
            return bytes;
        }
        byte[] f32 = new byte[4 * ELEMENTS];
        for (int i = 0; i < ELEMENTS; i++) {
            MemorySegment.ofArray(f32).set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i, (float) random.nextGaussian());
        }
        Kernel.create().round32(MemorySegment.ofArray(f32), dtype, ELEMENTS, MemorySegment.ofArray(bytes));
        return bytes;
    }

    private static byte[][] part(byte[][] stream, int from, int to) {
        return Arrays.stream(stream)
                .map(bytes -> Arrays.copyOfRange(bytes, from, to))
                .toArray(byte[][]::new);
    }
}
