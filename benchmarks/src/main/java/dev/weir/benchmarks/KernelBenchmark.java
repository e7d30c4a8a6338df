package dev.weir.benchmarks;

import dev.weir.operators.kernel.Kernel;
import dev.weir.schemas.tensor.Dtype;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;
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
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@OperationsPerInvocation(KernelBenchmark.CHUNKS)
@Fork(
        value = 1,
        jvmArgsAppend = {"-Xms256m", "-Xmx256m"})
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
public class KernelBenchmark {
    /** Elements of a chunk of full size. */
    static final int ELEMENTS = 245_760;
    /** Chunks an invocation walks over: a quarter of a gigabyte in f32, a gigabyte in all arrays. */
    static final int CHUNKS = 256;

    private static final float SHARE = 0.1f;

    private final Kernel kernel = Kernel.create();
    private final Arena arena = Arena.ofShared();
    private MemorySegment[] first = {};
    private MemorySegment[] second = {};
    private MemorySegment[] third = {};

    /** Allocates and touches every page; values are ordinary floats in every dtype. */
    @Setup(Level.Trial)
    public void fill() {
        first = chunks(4);
        second = chunks(4);
        third = chunks(8);
    }

    /** Frees the chunks. */
    @TearDown(Level.Trial)
    public void free() {
        arena.close();
    }

    /** K2: m = fma(a, theta - m, m), f32. */
    @Benchmark
    public void emaF32() {
        for (int i = 0; i < CHUNKS; i++) {
            kernel.lerp32(first[i], second[i], Dtype.F32, ELEMENTS, SHARE);
        }
    }

    /** K2 from bf16 checkpoints into an f32 mean. */
    @Benchmark
    public void emaBf16() {
        for (int i = 0; i < CHUNKS; i++) {
            kernel.lerp32(first[i], second[i], Dtype.BF16, ELEMENTS, SHARE);
        }
    }

    /** K1: sum = fma(w, theta, sum), an f64 sum of f32 checkpoints. */
    @Benchmark
    public void addF32() {
        for (int i = 0; i < CHUNKS; i++) {
            kernel.addScaled64(third[i], second[i], Dtype.F32, ELEMENTS, 1);
        }
    }

    /** The machine's copy. */
    @Benchmark
    public void copy() {
        for (int i = 0; i < CHUNKS; i++) {
            MemorySegment.copy(second[i], 0, first[i], 0, 4L * ELEMENTS);
        }
    }

    /** The machine's triad, as McCalpin's STREAM has it, in f32. */
    @Benchmark
    public void triad() {
        for (int i = 0; i < CHUNKS; i++) {
            triad(first[i], second[i], third[i]);
        }
    }

    private static void triad(MemorySegment a, MemorySegment b, MemorySegment c) {
        for (int i = 0; i < ELEMENTS; i++) {
            float sum = b.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i)
                    + SHARE * c.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i);
            a.setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i, sum);
        }
    }

    private MemorySegment[] chunks(int bytes) {
        MemorySegment[] chunks = new MemorySegment[CHUNKS];
        for (int i = 0; i < CHUNKS; i++) {
            chunks[i] = ones(bytes);
        }
        return chunks;
    }

    private MemorySegment ones(int bytes) {
        MemorySegment chunk = arena.allocate((long) bytes * ELEMENTS, 64);
        for (int i = 0; i < ELEMENTS * (bytes / 4); i++) {
            chunk.setAtIndex(ValueLayout.JAVA_INT_UNALIGNED, i, 0x3F80_3F80);
        }
        return chunk;
    }
}
