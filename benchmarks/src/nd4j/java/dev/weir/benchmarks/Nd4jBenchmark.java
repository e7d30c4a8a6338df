package dev.weir.benchmarks;

import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
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
import org.openjdk.jmh.annotations.Warmup;

/** The EMA as ND4J has it, mean = (1 - a) mean + a theta by {@code muli} and BLAS axpy, on one thread. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@OperationsPerInvocation(KernelBenchmark.CHUNKS)
@Fork(
        value = 1,
        jvmArgsAppend = {
            "-Xms256m",
            "-Xmx256m",
            "-Dorg.bytedeco.javacpp.maxbytes=4g",
            "-Dorg.bytedeco.javacpp.maxphysicalbytes=8g",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
        })
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
public class Nd4jBenchmark {
    private static final float SHARE = 0.1f;

    private INDArray[] means = {};
    private INDArray[] thetas = {};

    /** Allocates and touches every page. */
    @Setup(Level.Trial)
    public void fill() {
        Nd4j.getEnvironment().setMaxThreads(1);
        Nd4j.getEnvironment().setMaxMasterThreads(1);
        means = chunks();
        thetas = chunks();
    }

    /** K2 in two passes over the mean. */
    @Benchmark
    public void nd4jMuliAxpy() {
        for (int i = 0; i < KernelBenchmark.CHUNKS; i++) {
            means[i].muli(1 - SHARE);
            Nd4j.getBlasWrapper().level1().axpy(KernelBenchmark.ELEMENTS, SHARE, thetas[i], means[i]);
        }
    }

    private static INDArray[] chunks() {
        return IntStream.range(0, KernelBenchmark.CHUNKS)
                .mapToObj(i -> Nd4j.valueArrayOf(new long[] {KernelBenchmark.ELEMENTS}, 0.75, DataType.FLOAT))
                .toArray(INDArray[]::new);
    }
}
