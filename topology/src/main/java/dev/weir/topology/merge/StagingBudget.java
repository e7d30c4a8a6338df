package dev.weir.topology.merge;

/**
 * How much of what waits for its decision is held in memory.
 *
 * @param bytes of a partition; full chunks beyond are left in the log and read again
 * @param log where they are read again; closed with the fold
 */
record StagingBudget(long bytes, Refetch log) {
    /** Everything is held. */
    static final StagingBudget UNLIMITED = new StagingBudget(Long.MAX_VALUE, Refetch.NONE);
}
