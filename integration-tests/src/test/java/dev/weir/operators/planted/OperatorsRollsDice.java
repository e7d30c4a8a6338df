package dev.weir.operators.planted;

/** Breaks a rule on purpose. */
public final class OperatorsRollsDice {
    private OperatorsRollsDice() {}

    static double roll() {
        return Math.random();
    }
}
