package dev.weir.operators.shape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.operators.Checkpoint;
import dev.weir.operators.ChunkFold;
import dev.weir.operators.CompanionSums;
import dev.weir.operators.Operator;
import dev.weir.operators.Operators;
import dev.weir.operators.Progress;
import dev.weir.operators.Step;
import dev.weir.operators.Sums;
import dev.weir.operators.TensorPolicy;
import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every shape keeps, whichever operator runs on it. One nested class an operator in {@link OperatorContractTest}. */
abstract class ShapeContract {
    private static final int ELEMENTS = 1021;
    private static final long SEED = 20_261_123;
    static final double MEAN = 4;

    /** Whether companions are alike everywhere. */
    private boolean evenly;
    /** Where the chunk begins in its tensor. */
    private int firstElement;

    private final String name;
    private final Map<String, ?> settings;
    private final boolean orderFree;
    private final double ofOneTwoThreeTen;

    /**
     * @param name of the operator under test
     * @param settings of it
     * @param orderFree whether the order of the checkpoints is of no account
     * @param ofOneTwoThreeTen what it makes of the checkpoints 1, 2, 3 and 10, whose plain mean is {@link #MEAN}
     */
    ShapeContract(String name, Map<String, ?> settings, boolean orderFree, double ofOneTwoThreeTen) {
        this.name = name;
        this.settings = settings;
        this.orderFree = orderFree;
        this.ofOneTwoThreeTen = ofOneTwoThreeTen;
    }

    private Operator operator() {
        return Operators.create(name, settings);
    }

    /** Numbers of a companion with which each model counts by its own weight alone. */
    float even() {
        return 1;
    }

    /** 1, 2, 3 and 10 in the order in which they come. */
    double[] values() {
        return new double[] {1, 2, 3, 10};
    }

    /** Whether its row of the four checkpoints is another than their plain mean. */
    boolean differsFromTheMean() {
        return ofOneTwoThreeTen != MEAN;
    }

    /** As the operator's entry names it: "A1 swa". */
    String entry() {
        return Operators.spec(name).id() + " " + name;
    }

    /** The run of a checkpoint. */
    String run(int number) {
        return "run";
    }

    @Test
    void differsFromTheUniformMeanByWhatItSays() {
        evenly = true;
        byte[][] stream = new byte[4][];
        for (int i = 0; i < 4; i++) {
            stream[i] = new byte[Double.BYTES];
            MemorySegment.ofArray(stream[i]).set(ValueLayout.JAVA_DOUBLE_UNALIGNED, 0, values()[i]);
        }
        double f64 = MemorySegment.ofArray(fold(Dtype.F64, 1, stream)).get(ValueLayout.JAVA_DOUBLE_UNALIGNED, 0);
        assertThat(f64).isCloseTo(ofOneTwoThreeTen, within(1e-13));
        for (int i = 0; i < 4; i++) {
            stream[i] = new byte[Float.BYTES];
            MemorySegment.ofArray(stream[i]).set(ValueLayout.JAVA_FLOAT_UNALIGNED, 0, (float) values()[i]);
        }
        double f32 = MemorySegment.ofArray(fold(Dtype.F32, 1, stream)).get(ValueLayout.JAVA_FLOAT_UNALIGNED, 0);
        assertThat(f32).isCloseTo(ofOneTwoThreeTen, within(2e-6));
    }

    @ParameterizedTest
    @EnumSource(names = {"F64", "F32", "BF16"})
    void aStateThatIsSavedAndResumedGoesOnToTheSameBits(Dtype dtype) {
        byte[][] stream = stream(dtype, 9);
        assertThat(fold(dtype, ELEMENTS, 4, false, stream)).isEqualTo(fold(dtype, ELEMENTS, -1, false, stream));
    }

    @Test
    void integerTensorsAreCopiedNotAveraged() {
        byte[][] stream = new byte[5][Long.BYTES];
        byte[] newest = {};
        Progress progress = Progress.START;
        for (int i = 0; i < stream.length; i++) {
            MemorySegment.ofArray(stream[i]).set(ValueLayout.JAVA_LONG_UNALIGNED, 0, 1_000_000_007L * (i + 1));
            Step step = operator().step(progress, new Checkpoint(i + 1L, run(i), i + 1L));
            progress = step.next();
            newest = step.enters() ? stream[i] : newest;
        }
        assertThat(fold(Dtype.I64, 1, stream)).isEqualTo(newest);
    }

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
        evenly = true;
        byte[][] stream = stream(Dtype.F64, 12);
        List<List<Double>> updates = new ArrayList<>();
        List<Integer> entered = new ArrayList<>();
        MemorySegment emitted =
                MemorySegment.ofArray(fold(Dtype.F64, ELEMENTS, -1, false, stream, null, (number, coefficients) -> {
                    updates.add(coefficients);
                    entered.add(number);
                }));
        double[] weights = operator().shape().effectiveWeights(updates);
        assertThat(Arrays.stream(weights).sum()).isCloseTo(1, within(1e-12));
        for (int element = 0; element < ELEMENTS; element++) {
            double sum = 0;
            for (int i = 0; i < weights.length; i++) {
                sum += weights[i]
                        * MemorySegment.ofArray(stream[entered.get(i)])
                                .get(ValueLayout.JAVA_DOUBLE_UNALIGNED, 8L * element);
            }
            assertThat(emitted.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, 8L * element))
                    .isCloseTo(sum, within(1e-12));
        }
    }

    /** Coefficients are decided once, and every chunk takes the same. */
    @ParameterizedTest
    @EnumSource(names = {"F64", "F32", "F16", "BF16"})
    void chunksThatAreCutElsewhereGiveTheSameBits(Dtype dtype) {
        byte[][] stream = stream(dtype, 7);
        Map<Integer, List<Double>> decided = new HashMap<>();
        byte[] whole = fold(dtype, ELEMENTS, -1, false, stream, null, decided::put);
        int cut = 333;
        byte[][] first = part(stream, 0, cut * dtype.bytes());
        byte[][] rest = part(stream, cut * dtype.bytes(), ELEMENTS * dtype.bytes());
        byte[] left = fold(dtype, cut, -1, false, first, decided, (number, coefficients) -> {});
        firstElement = cut;
        byte[] right = fold(dtype, ELEMENTS - cut, -1, false, rest, decided, (number, coefficients) -> {});
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
        assertThat(same).isEqualTo(orderFree);
    }

    @Test
    void whatIsEmittedBetweenDoesNotChangeWhatComesAfter() {
        byte[][] stream = stream(Dtype.BF16, 7);
        assertThat(fold(Dtype.BF16, ELEMENTS, -1, true, stream))
                .isEqualTo(fold(Dtype.BF16, ELEMENTS, -1, false, stream));
    }

    private byte[] fold(Dtype dtype, int elements, byte[]... stream) {
        return fold(dtype, elements, -1, false, stream);
    }

    /** A companion of the checkpoint, where the operator reads one: random, or all alike for the stated amount. */
    private @Nullable Companion companion(int number, int elements) {
        if (operator().companion().isEmpty()) {
            return null;
        }
        byte[] bytes = new byte[Float.BYTES * elements];
        Random random = new Random(SEED + 1 + number);
        for (int i = 0; i < firstElement; i++) {
            random.nextFloat();
        }
        for (int i = 0; i < elements; i++) {
            float value = evenly ? even() : Math.max(0, random.nextFloat() - 0.2f);
            MemorySegment.ofArray(bytes).set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i, value);
        }
        return new Companion(MemorySegment.ofArray(bytes), Dtype.F32);
    }

    private Sums sums(ChunkFold fold, byte[] theta, @Nullable Companion companion, int elements) {
        return new Sums(List.of(
                companion == null
                        ? fold.reduce(MemorySegment.ofArray(theta))
                        : CompanionSums.of(Kernel.create(), companion, elements)));
    }

    private byte[] fold(Dtype dtype, int elements, int resumeAt, boolean emitAlways, byte[]... stream) {
        return fold(dtype, elements, resumeAt, emitAlways, stream, null, (number, coefficients) -> {});
    }

    /**
     * Folds checkpoints of one tensor of one chunk.
     *
     * @param resumeAt number of the checkpoint before which another fold goes on from a copy of the state; -1: none
     * @param decided coefficients of the checkpoints that enter, by number; null: as the operator says
     * @param told number and coefficients of each checkpoint that enters
     */
    private byte[] fold(
            Dtype dtype,
            int elements,
            int resumeAt,
            boolean emitAlways,
            byte[][] stream,
            @Nullable Map<Integer, List<Double>> decided,
            BiConsumer<Integer, List<Double>> told) {
        TensorSpec tensor = new TensorSpec("tensor", dtype, List.of((long) elements));
        ChunkSpec chunk = Layout.of(List.of(tensor)).chunk(0);
        TensorPolicy policy = TensorPolicy.of(tensor, List.of());
        byte[] out = new byte[elements * dtype.bytes()];
        Progress progress = Progress.START;
        try (Arena arena = Arena.ofConfined()) {
            ChunkFold fold = new ChunkFold(Kernel.create(), operator(), policy, tensor, chunk);
            List<Double> newest = List.of();
            for (int i = 0; i < stream.length; i++) {
                MemorySegment state = fold.state();
                if (i == resumeAt && state != null) {
                    fold = new ChunkFold(Kernel.create(), operator(), policy, tensor, chunk);
                    fold.resume(arena.allocate(state.byteSize(), 64).copyFrom(state));
                }
                Companion companion = companion(i, elements);
                Sums sums = sums(fold, stream[i], companion, elements).of(List.of(tensor), List.of());
                Step step = operator().step(progress, new Checkpoint(i + 1L, run(i), i + 1L), sums);
                progress = step.next();
                if (decided == null ? step.enters() : decided.containsKey(i)) {
                    newest = decided == null ? step.coefficients() : decided.getOrDefault(i, List.of());
                    fold.update(arena, MemorySegment.ofArray(stream[i]), companion, newest);
                    told.accept(i, newest);
                }
                if (emitAlways && !newest.isEmpty()) {
                    fold.emit(newest, MemorySegment.ofArray(out));
                }
            }
            fold.emit(newest, MemorySegment.ofArray(out));
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
