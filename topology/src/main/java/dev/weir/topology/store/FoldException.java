package dev.weir.topology.store;

/** The log cannot be folded any further: something that it must contain is missing or contradicts itself. */
public final class FoldException extends RuntimeException {
    private final String remedy;

    /** One about which there is nothing to do by the one who runs it: the log contradicts itself, or the code is wrong. */
    public FoldException(String problem) {
        super(problem);
        this.remedy = "";
    }

    /** @param remedy what to do about it, which the message says behind the problem */
    public FoldException(String problem, String remedy) {
        super(problem + "; " + remedy);
        this.remedy = remedy;
    }

    /** What to do about it; empty: nothing is known to help. */
    public String remedy() {
        return remedy;
    }
}
