package dev.weir.topology.replay;

/** The beginning of a log is gone, and nobody asked for what is left of it. */
public final class BeginningGoneException extends RuntimeException {
    private final transient Retained retained;

    BeginningGoneException(String message, Retained retained) {
        super(message);
        this.retained = retained;
    }

    /** What can be folded of it. */
    public Retained retained() {
        return retained;
    }
}
