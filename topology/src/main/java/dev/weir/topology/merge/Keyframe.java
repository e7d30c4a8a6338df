package dev.weir.topology.merge;

import dev.weir.schemas.record.KeyframeHead;

/**
 * State of one partition from which its fold can be resumed.
 *
 * @param head all but averages and staged bytes, as of one offset
 * @param states averages, each as of a decision at or behind that offset
 */
record Keyframe(KeyframeHead head, LoadedStates states) {}
