package dev.weir.topology.coordinate;

/**
 * Publishes a baseline's weights into deltas, as step {@code number} of run {@link BaselineRun#NAME}, so that whatever is
 * mixed with them can be folded again from the log alone. Asked again after a restart: the same step with the same bytes
 * is a repetition that changes nothing.
 */
@FunctionalInterface
public interface Pinner {
    /** Returns at once; the checkpoint comes through the log like any other. */
    void pin(long number, String channel, long version);
}
