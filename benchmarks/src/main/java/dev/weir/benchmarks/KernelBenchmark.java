package dev.weir.benchmarks;

import dev.weir.operators.kernel.Kernel;
import dev.weir.operators.kernel.Slabs;
import dev.weir.schemas.tensor.Dtype;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The kernel's loops over chunks of full size, beside what the memory of this machine gives to a plain copy and to a
 * triad, a[i] = b[i] + s c[i], of the same sizes. An operation is a chunk; {@link Traffic} says how many bytes it moves.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@OperationsPerInvocation(KernelBenchmark.CHUNKS)
@Fork(
        value = 1,
        jvmArgsAppend = {"-Xms256m", "-Xmx256m"})
@Warmup(iterations = 1, time = 1)
@Measurement(iterations = 3, time = 1)
public class KernelBenchmark {
    /** Elements of a chunk of full size. */
    static final int ELEMENTS = 245_760;
    /**
     * Chunks an invocation walks over: half a gigabyte in f32. Caches that processors share may have hundreds of megabytes, and
     * would serve a larger part of two arrays than of five if those were not several times larger.
     */
    static final int CHUNKS = 512;

    /** System property: of how many chunks an array has memory; the others are these once more. All, unless it is set. */
    static final String DISTINCT = "weir.bench.distinct-chunks";

    private static final float SHARE = 0.1f;
    /** No power of two, and so near 1 that no number becomes subnormal, which would take longer. */
    private static final float SCALE = 0.9999999f;

    private static final float[] SHARES = {0.1f, 0.05f, 0.01f, 0.001f};
    /** Those of the second of two checkpoints. */
    private static final float[] OTHER_SHARES = {0.09f, 0.04f, 0.011f, 0.0009f};

    private static final Kernel KERNEL = Kernel.create();

    /** Chunks of two arrays. */
    @State(Scope.Thread)
    public static class Arrays {
        private final Slabs memory = new Slabs();
        private MemorySegment[] first = {};
        private MemorySegment[] second = {};

        /** Allocates and touches every page. */
        @Setup(Level.Trial)
        public void fill() {
            Kernel.warmUp();
            first = chunks(memory, 4);
            second = chunks(memory, 4);
        }

        /** Frees the chunks. */
        @TearDown(Level.Trial)
        public void free() {
            memory.close();
        }
    }

    /** Chunks of a third array, with room for f64. */
    @State(Scope.Thread)
    public static class Third {
        private final Slabs memory = new Slabs();
        private MemorySegment[] chunks = {};

        /** Allocates and touches every page. */
        @Setup(Level.Trial)
        public void fill() {
            chunks = chunks(memory, 8);
        }

        /** Frees the chunks. */
        @TearDown(Level.Trial)
        public void free() {
            memory.close();
        }
    }

    /** A checkpoint's chunks and four means of each. */
    @State(Scope.Thread)
    public static class FourMeans {
        private final Slabs memory = new Slabs();
        private MemorySegment[] theta = {};
        private MemorySegment[][] means = {};

        /** Allocates and touches every page. */
        @Setup(Level.Trial)
        public void fill() {
            Kernel.warmUp();
            theta = chunks(memory, 4);
            MemorySegment[][] each = IntStream.range(0, SHARES.length)
                    .mapToObj(k -> chunks(memory, 4))
                    .toArray(MemorySegment[][]::new);
            means = IntStream.range(0, CHUNKS)
                    .mapToObj(i -> IntStream.range(0, SHARES.length)
                            .mapToObj(k -> each[k][i])
                            .toArray(MemorySegment[]::new))
                    .toArray(MemorySegment[][]::new);
        }

        /** Frees the chunks. */
        @TearDown(Level.Trial)
        public void free() {
            memory.close();
        }
    }

    /** K2: m = fma(a, theta - m, m), f32. */
    @Benchmark
    public void emaF32(Arrays arrays) {
        for (int i = 0; i < CHUNKS; i++) {
            KERNEL.lerp32(arrays.first[i], arrays.second[i], Dtype.F32, ELEMENTS, SHARE);
        }
    }

    /** K2 from bf16 checkpoints into an f32 mean. */
    @Benchmark
    public void emaBf16(Arrays arrays) {
        for (int i = 0; i < CHUNKS; i++) {
            KERNEL.lerp32(arrays.first[i], arrays.second[i], Dtype.BF16, ELEMENTS, SHARE);
        }
    }

    /** K2 with four decays, one reading of the checkpoint, f32. */
    @Benchmark
    public void fourEmasF32(FourMeans four) {
        for (int i = 0; i < CHUNKS; i++) {
            KERNEL.lerps32(four.means[i], four.theta[i], Dtype.F32, ELEMENTS, SHARES);
        }
    }

    /** The same from bf16 checkpoints. */
    @Benchmark
    public void fourEmasBf16(FourMeans four) {
        for (int i = 0; i < CHUNKS; i++) {
            KERNEL.lerps32(four.means[i], four.theta[i], Dtype.BF16, ELEMENTS, SHARES);
        }
    }

    /** Two checkpoints in one pass over their mean, f32. */
    @Benchmark
    @OperationsPerInvocation(2 * CHUNKS)
    public void emaF32Twice(Arrays arrays, Third second) {
        for (int i = 0; i < CHUNKS; i++) {
            KERNEL.lerps32(
                    new MemorySegment[] {arrays.first[i]},
                    arrays.second[i],
                    second.chunks[i],
                    Dtype.F32,
                    ELEMENTS,
                    SHARES,
                    OTHER_SHARES);
        }
    }

    /** The same from bf16 checkpoints. */
    @Benchmark
    @OperationsPerInvocation(2 * CHUNKS)
    public void emaBf16Twice(Arrays arrays, Third second) {
        for (int i = 0; i < CHUNKS; i++) {
            KERNEL.lerps32(
                    new MemorySegment[] {arrays.first[i]},
                    arrays.second[i],
                    second.chunks[i],
                    Dtype.BF16,
                    ELEMENTS,
                    SHARES,
                    OTHER_SHARES);
        }
    }

    /** Four decays, two checkpoints in one pass, f32. */
    @Benchmark
    @OperationsPerInvocation(2 * CHUNKS)
    public void fourEmasF32Twice(FourMeans four, Third second) {
        for (int i = 0; i < CHUNKS; i++) {
            KERNEL.lerps32(four.means[i], four.theta[i], second.chunks[i], Dtype.F32, ELEMENTS, SHARES, OTHER_SHARES);
        }
    }

    /** The same from bf16 checkpoints. */
    @Benchmark
    @OperationsPerInvocation(2 * CHUNKS)
    public void fourEmasBf16Twice(FourMeans four, Third second) {
        for (int i = 0; i < CHUNKS; i++) {
            KERNEL.lerps32(four.means[i], four.theta[i], second.chunks[i], Dtype.BF16, ELEMENTS, SHARES, OTHER_SHARES);
        }
    }

    /** K1: sum = fma(w, theta, sum), an f64 sum of f32 checkpoints. */
    @Benchmark
    public void addF32(Arrays arrays, Third sums) {
        for (int i = 0; i < CHUNKS; i++) {
            KERNEL.addScaled64(sums.chunks[i], arrays.second[i], Dtype.F32, ELEMENTS, 1);
        }
    }

    /** The machine's copy. */
    @Benchmark
    public void copy(Arrays arrays) {
        for (int i = 0; i < CHUNKS; i++) {
            MemorySegment.copy(arrays.second[i], 0, arrays.first[i], 0, 4L * ELEMENTS);
        }
    }

    /** An array scaled in place, a[i] = s a[i], in f32: as many reads as writes and nothing else, as a mean alone has. */
    @Benchmark
    public void scale(Arrays arrays) {
        for (int i = 0; i < CHUNKS; i++) {
            scale(arrays.first[i]);
        }
    }

    private static void scale(MemorySegment a) {
        for (int i = 0; i < ELEMENTS; i++) {
            a.setAtIndex(
                    ValueLayout.JAVA_FLOAT_UNALIGNED, i, SCALE * a.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i));
        }
    }

    /** The machine's triad, as McCalpin's STREAM has it, in f32. */
    @Benchmark
    public void triad(Arrays arrays, Third third) {
        for (int i = 0; i < CHUNKS; i++) {
            triad(arrays.first[i], arrays.second[i], third.chunks[i]);
        }
    }

    private static void triad(MemorySegment a, MemorySegment b, MemorySegment c) {
        for (int i = 0; i < ELEMENTS; i++) {
            float sum = b.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i)
                    + SHARE * c.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i);
            a.setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i, sum);
        }
    }

    /** Chunks of ordinary numbers, whether they are read as bf16, f32 or f64. */
    private static MemorySegment[] chunks(Slabs memory, int bytes) {
        MemorySegment[] distinct = IntStream.range(0, Integer.getInteger(DISTINCT, CHUNKS))
                .mapToObj(i -> memory.allocate((long) bytes * ELEMENTS, 64).fill((byte) 0x3f))
                .toArray(MemorySegment[]::new);
        return IntStream.range(0, CHUNKS)
                .mapToObj(i -> distinct[i % distinct.length])
                .toArray(MemorySegment[]::new);
    }
}
