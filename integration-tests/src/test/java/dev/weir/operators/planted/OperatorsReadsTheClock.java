package dev.weir.operators.planted;

/** Breaks a rule on purpose. */
public final class OperatorsReadsTheClock {
    private OperatorsReadsTheClock() {}

    static long now() {
        return System.nanoTime();
    }
}
