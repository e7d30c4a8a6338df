package dev.weir.operators;

/**
 * A side input that an operator reads of each checkpoint.
 *
 * @param name what the side input is called
 * @param min smallest value that the operator takes, inclusive
 * @param max largest value that it takes, inclusive
 */
public record Input(String name, double min, double max) {
    public boolean takes(double value) {
        return value >= min && value <= max;
    }

    /** What may stand there, in words. */
    public String allowed() {
        return "a number from " + min + " to " + max;
    }
}
