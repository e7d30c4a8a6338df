package dev.weir.topology.coordinate;

/**
 * Publishes a baseline's weights into deltas, as step {@code number} of run {@link BaselineRun#NAME}, so that whatever is
 * mixed with them can be folded again from the log alone. Asked again after a restart: the same step with the same bytes
 * is a repetition that changes nothing.
 */
@FunctionalInterface
public interface Pinner {
    /**
     * How far the newest pin that was asked for is.
     *
     * @param promotion number of the promotion; 0: none was asked for
     * @param attempts begun so far
     * @param lastError why the newest attempt that ended failed; empty: none did, or it succeeded
     * @param done whether the weights are in the log
     */
    record Progress(long promotion, int attempts, String lastError, boolean done) {
        static final Progress NONE = new Progress(0, 0, "", false);
    }

    /** Returns at once; the checkpoint comes through the log like any other. */
    void pin(long number, String channel, long version);

    /** For status; asked by any thread. */
    default Progress progress() {
        return Progress.NONE;
    }
}
