package dev.weir.cli.bench;

/** A measurement of both sides of each of its comparisons in one run. Found by {@link java.util.ServiceLoader}. */
public interface Bench {

    /** The word after {@code weir bench}. */
    String name();

    /** What is compared with what, in one line. */
    String about();

    /** Measures. Absolute figures of its report hold for this machine and this run alone. */
    BenchReport run(BenchSettings settings) throws Exception;
}
