package dev.weir.topology.store;

/** The log cannot be folded any further: something that it must contain is missing or contradicts itself. */
public final class FoldException extends RuntimeException {
    public FoldException(String message) {
        super(message);
    }
}
