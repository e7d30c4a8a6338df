package dev.weir.topology.replay;

/**
 * The part of a log that can still be folded when its beginning is gone.
 *
 * @param firstSeq number of the decision that accepted the first checkpoint of it; that one and every later one is whole in
 *     every partition
 * @param checkpoints accepted checkpoints from there on
 * @param knownSeq number of the oldest decision that the log still has; what those before it accepted, nobody counts
 * @param leftOut accepted checkpoints before {@code firstSeq} whose decisions the log still has
 */
public record Retained(long firstSeq, long checkpoints, long knownSeq, long leftOut) {}
