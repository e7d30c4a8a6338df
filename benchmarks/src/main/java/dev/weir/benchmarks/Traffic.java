package dev.weir.benchmarks;

import java.util.Arrays;

/** Bytes that a loop moves an element: reads and writes that it names, without what caches add. */
enum Traffic {
    EMA_F32("emaF32", 12),
    EMA_BF16("emaBf16", 10),
    FOUR_EMAS_F32("fourEmasF32", 36),
    FOUR_EMAS_BF16("fourEmasBf16", 34),
    /** Two checkpoints a pass, an operation is one of them: theta, and half of what a mean's reading and writing moves. */
    EMA_F32_TWICE("emaF32Twice", 8),
    EMA_BF16_TWICE("emaBf16Twice", 6),
    FOUR_EMAS_F32_TWICE("fourEmasF32Twice", 20),
    FOUR_EMAS_BF16_TWICE("fourEmasBf16Twice", 18),
    ADD_F32("addF32", 20),
    COPY("copy", 8),
    /** In place, so that a write costs no further read. */
    SCALE("scale", 8),
    TRIAD("triad", 12),
    /** Two passes over the mean; counted as what the formula needs, so that it compares with emaF32. */
    ND4J("nd4jMuliAxpy", 12);

    private final String benchmark;
    private final int bytesPerElement;

    Traffic(String benchmark, int bytesPerElement) {
        this.benchmark = benchmark;
        this.bytesPerElement = bytesPerElement;
    }

    /** Whether a run of a minute has time for it. */
    boolean quick() {
        return switch (this) {
            case EMA_F32, EMA_BF16, FOUR_EMAS_F32, FOUR_EMAS_BF16, COPY, TRIAD -> true;
            default -> false;
        };
    }

    String benchmark() {
        return benchmark;
    }

    int bytesPerElement() {
        return bytesPerElement;
    }

    /** Gigabytes a second at so many chunks a second. */
    double gigabytes(double chunksPerSecond) {
        return chunksPerSecond * KernelBenchmark.ELEMENTS * bytesPerElement / 1e9;
    }

    /** Nanoseconds a chunk at so many gigabytes a second. */
    double nanosPerChunk(double gigabytesPerSecond) {
        return KernelBenchmark.ELEMENTS * (double) bytesPerElement / gigabytesPerSecond;
    }

    static Traffic of(String benchmark) {
        return Arrays.stream(values())
                .filter(part -> part.benchmark.equals(benchmark))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("benchmark " + benchmark + ": unknown"));
    }
}
