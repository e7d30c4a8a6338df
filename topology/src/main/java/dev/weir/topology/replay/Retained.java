package dev.weir.topology.replay;

import java.util.OptionalLong;

/**
 * The part of a log that can still be folded when its beginning is gone.
 *
 * @param firstSeq number of the decision that accepted the first checkpoint of it; that one and every later one is whole in
 *     every partition
 * @param checkpoints accepted checkpoints from there on
 * @param knownSeq number of the oldest decision or plan that the log still has
 * @param leftOut accepted checkpoints before {@code firstSeq} whose decisions the log still has
 * @param gone accepted checkpoints whose decisions are gone, weights of baselines among them, by the newest keyframe's count;
 *     empty: no keyframe reaches up to {@code knownSeq}, and there were at most {@code knownSeq} - 1
 */
public record Retained(long firstSeq, long checkpoints, long knownSeq, long leftOut, OptionalLong gone) {}
