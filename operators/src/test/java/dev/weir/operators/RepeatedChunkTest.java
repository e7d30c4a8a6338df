package dev.weir.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.tensor.ChunkSpec;
import dev.weir.schemas.tensor.Dtype;
import dev.weir.schemas.tensor.Layout;
import dev.weir.schemas.tensor.TensorSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A moving average over a chunk that enters again unchanged: beside the step-by-step form, and beside exact numbers. */
final class RepeatedChunkTest {
    private static final int ELEMENTS = 2_500;
    private static final MathContext EXACT = new MathContext(60);
    private static final long SEED = Long.getLong("weir.seed", System.nanoTime());

    @ParameterizedTest
    @EnumSource(names = {"F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2"})
    void oneRepetitionGivesTheBitsOfTheStep(Dtype dtype) {
        MemorySegment first = chunk(dtype, new SplittableRandom(1));
        MemorySegment second = chunk(dtype, new SplittableRandom(2));
        MemorySegment third = chunk(dtype, new SplittableRandom(3));
        Fold lazy = new Fold(dtype).enter(first, 1).enter(second, 0.3).repeat(second, 0.1);
        Fold eager = new Fold(dtype).enter(first, 1).enter(second, 0.3).enter(second, 0.1);
        assertThat(lazy.emitted()).isEqualTo(eager.emitted());
        assertThat(lazy.enter(third, 0.2).emitted())
                .isEqualTo(eager.enter(third, 0.2).emitted());
    }

    @ParameterizedTest
    @EnumSource(names = {"F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2"})
    void whatIsEmittedMeanwhileIsWhatTheStateBecomes(Dtype dtype) {
        MemorySegment first = chunk(dtype, new SplittableRandom(1));
        MemorySegment second = chunk(dtype, new SplittableRandom(2));
        Fold fold = new Fold(dtype).enter(first, 1).enter(second, 0.3);
        for (int i = 0; i < 5; i++) {
            fold.repeat(second, 0.1);
        }
        byte[] meanwhile = fold.emitted();
        assertThat(fold.emitted()).isEqualTo(meanwhile);
        // An update of no weight brings the state up to date and adds nothing.
        assertThat(fold.enter(first, 0).emitted()).isEqualTo(meanwhile);
    }

    @ParameterizedTest
    @EnumSource(names = {"F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2"})
    void aChunkThatWasCopiedIsHeldBitForBit(Dtype dtype) {
        MemorySegment first = chunk(dtype, new SplittableRandom(1));
        first.set(ValueLayout.JAVA_BYTE, first.byteSize() - 1, (byte) 0x80);
        MemorySegment other = MemorySegment.ofArray(first.toArray(ValueLayout.JAVA_BYTE));
        Fold fold = new Fold(dtype).enter(first, 1);
        assertThat(fold.fold.copied()).isTrue();
        assertThat(fold.fold.holds(other)).isTrue();
        byte[] before = fold.emitted();
        assertThat(fold.repeat(other, 0.25).emitted()).isEqualTo(before);
        assertThat(fold.fold.waitingShare()).isZero();
        long last = other.byteSize() - 1;
        other.set(ValueLayout.JAVA_BYTE, last, (byte) 0);
        assertThat(fold.fold.holds(other)).isFalse();
        assertThat(fold.enter(other, 0.25).fold.copied()).isFalse();
    }

    @Test
    void aShareOfOneIsTheChunkItself() {
        MemorySegment first = chunk(Dtype.F32, new SplittableRandom(1));
        MemorySegment second = chunk(Dtype.F32, new SplittableRandom(2));
        Fold fold = new Fold(Dtype.F32).enter(first, 1).enter(second, 0.3).repeat(second, 0.1);
        assertThat(fold.repeat(second, 1).emitted()).isEqualTo(second.toArray(ValueLayout.JAVA_BYTE));
    }

    @Test
    void onlyALerpAfterItsFirstUpdateCanWait() {
        MemorySegment theta = chunk(Dtype.F32, new SplittableRandom(1));
        assertThatIllegalStateException().isThrownBy(() -> new Fold(Dtype.F32).repeat(theta, 0.1));
        Operator swa = Operators.create("swa", Map.of());
        assertThat(fold(Dtype.F32, 4, swa, TensorPolicy.AVERAGE).mayWait()).isFalse();
        Operator ema = Operators.create("ema", Map.of());
        assertThat(fold(Dtype.I64, 4, ema, TensorPolicy.COPY_LATEST).mayWait()).isFalse();
    }

    /** Updates of decay 0.9999 from 1 towards 1.00001, each of less than half of what f32 tells apart near 1. */
    @Test
    void anAverageThatWaitsDoesNotStall() {
        int updates = 200_000;
        double share = 1 - 0.9999;
        MemorySegment one = MemorySegment.ofArray(new byte[4]);
        MemorySegment theta = MemorySegment.ofArray(new byte[4]);
        put(one, Dtype.F32, 0, 1);
        double target = put(theta, Dtype.F32, 0, 1.00001);
        Fold lazy = new Fold(Dtype.F32, 1).enter(one, 1).enter(theta, share);
        Fold eager = new Fold(Dtype.F32, 1).enter(one, 1).enter(theta, share);
        for (int i = 1; i < updates; i++) {
            lazy.repeat(theta, share);
            eager.enter(theta, share);
        }
        BigDecimal exact = new BigDecimal(target - (target - 1) * Math.pow(1 - share, updates));
        assertThat(error(eager.emitted(), Dtype.F32, 0, BigDecimal.ONE))
                .as("step by step")
                .isZero();
        assertThat(error(lazy.emitted(), Dtype.F32, 0, exact)).isLessThanOrEqualTo(Math.ulp(1f) / 2);
    }

    /** Real numbers by BigDecimal; both forms within what {@link dev.weir.operators.shape.Lerp} says. */
    @Test
    void bothFormsKeepTheirBoundsUpToTenThousandRepetitions() {
        System.out.println("RepeatedChunkTest: -Dweir.seed=" + SEED);
        SplittableRandom random = new SplittableRandom(SEED);
        double nearest = 0;
        for (int round = 0; round < 60; round++) {
            int n = round == 0 ? 10_000 : (int) Math.round(Math.pow(10, random.nextDouble(0, 4)));
            double scale = Math.pow(10, random.nextDouble(-6, 0));
            boolean constant = random.nextBoolean();
            Dtype dtype = random.nextBoolean() ? Dtype.F32 : Dtype.F64;
            nearest = Math.max(nearest, round(random, n, dtype, scale, constant));
        }
        System.out.printf("RepeatedChunkTest: the lazy form came to %.2f of its bound%n", nearest);
    }

    private static double round(SplittableRandom random, int n, Dtype dtype, double scale, boolean constant) {
        int elements = 8;
        double[] means = new double[elements];
        double[] thetas = new double[elements];
        MemorySegment mean = MemorySegment.ofArray(new byte[dtype.bytes() * elements]);
        MemorySegment theta = MemorySegment.ofArray(new byte[dtype.bytes() * elements]);
        for (int i = 0; i < elements; i++) {
            means[i] = put(mean, dtype, i, random.nextDouble(-1, 1) * Math.pow(10, random.nextDouble(-3, 3)));
            thetas[i] = put(theta, dtype, i, means[i] + random.nextDouble(-1, 1) * Math.abs(means[i]));
        }
        Fold lazy = new Fold(dtype, elements).enter(mean, 1).enter(theta, 0);
        Fold eager = new Fold(dtype, elements).enter(mean, 1);
        BigDecimal rest = BigDecimal.ONE;
        for (int k = 0; k < n; k++) {
            double a = constant ? scale : scale * random.nextDouble();
            lazy.repeat(theta, a);
            eager.enter(theta, a);
            rest = rest.multiply(BigDecimal.ONE.subtract(new BigDecimal(a)), EXACT);
        }
        double u = dtype == Dtype.F32 ? 0x1p-24 : 0x1p-53;
        double nearest = 0;
        for (int i = 0; i < elements; i++) {
            BigDecimal m = new BigDecimal(means[i]);
            BigDecimal way = new BigDecimal(thetas[i]).subtract(m);
            BigDecimal exact = m.add(BigDecimal.ONE.subtract(rest).multiply(way, EXACT), EXACT);
            double far = Math.abs(way.doubleValue());
            double value = Math.abs(exact.doubleValue());
            double most = Math.max(Math.abs(means[i]), Math.abs(thetas[i]));
            double bound = dtype == Dtype.F32 ? u * (2 * far + value) + n * 0x1p-53 * far : u * (n * far + value);
            double error = error(lazy.emitted(), dtype, i, exact);
            String what = "%s, %d times %s: %s -> %s".formatted(dtype, n, scale, means[i], thetas[i]);
            assertThat(error).as("lazy " + what).isLessThanOrEqualTo(bound * (1 + 0x1p-20) + Double.MIN_NORMAL);
            assertThat(error(eager.emitted(), dtype, i, exact))
                    .as("step by step " + what)
                    .isLessThanOrEqualTo(u * (2 * far + n * most) * (1 + 0x1p-10));
            nearest = Math.max(nearest, error / bound);
        }
        return nearest;
    }

    private static double put(MemorySegment chunk, Dtype dtype, int i, double value) {
        if (dtype == Dtype.F64) {
            chunk.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, 8L * i, value);
            return value;
        }
        chunk.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i, (float) value);
        return (float) value;
    }

    private static double error(byte[] emitted, Dtype dtype, int i, BigDecimal exact) {
        MemorySegment out = MemorySegment.ofArray(emitted);
        double value = dtype == Dtype.F64
                ? out.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, 8L * i)
                : out.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i);
        return new BigDecimal(value).subtract(exact).abs().doubleValue();
    }

    /** Ordinary values of the dtype. */
    private static MemorySegment chunk(Dtype dtype, SplittableRandom random) {
        MemorySegment chunk = MemorySegment.ofArray(new byte[dtype.bytes() * ELEMENTS]);
        for (int i = 0; i < ELEMENTS; i++) {
            double value = random.nextDouble(-2, 2);
            switch (dtype) {
                case F64, F32 -> put(chunk, dtype, i, value);
                default -> {
                    MemorySegment one = MemorySegment.ofArray(new float[] {(float) value});
                    Kernel.create().round32(one, dtype, 1, chunk.asSlice((long) dtype.bytes() * i));
                }
            }
        }
        return chunk;
    }

    private static ChunkFold fold(Dtype dtype, int elements, Operator operator, TensorPolicy policy) {
        TensorSpec tensor = new TensorSpec("w", dtype, List.of((long) elements));
        ChunkSpec chunk = Layout.of(List.of(tensor)).chunk(0);
        return new ChunkFold(Kernel.create(), operator, policy, tensor, chunk);
    }

    /** A fold with its memory and its newest coefficient. */
    private static final class Fold {
        private final ChunkFold fold;
        private final int bytes;
        private final Arena arena = Arena.ofAuto();
        private double newest;

        Fold(Dtype dtype) {
            this(dtype, ELEMENTS);
        }

        Fold(Dtype dtype, int elements) {
            this.fold =
                    RepeatedChunkTest.fold(dtype, elements, Operators.create("ema", Map.of()), TensorPolicy.AVERAGE);
            this.bytes = dtype.bytes() * elements;
        }

        Fold enter(MemorySegment theta, double a) {
            fold.update(arena, theta, List.of(a));
            newest = a;
            return this;
        }

        Fold repeat(MemorySegment theta, double a) {
            fold.repeat(theta, List.of(a));
            newest = a;
            return this;
        }

        byte[] emitted() {
            byte[] out = new byte[bytes];
            fold.emit(List.of(newest), MemorySegment.ofArray(out));
            return out;
        }
    }
}
