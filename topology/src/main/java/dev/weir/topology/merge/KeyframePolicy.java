package dev.weir.topology.merge;

/**
 * How far a keyframe is spread: whichever comes first completes it, and the next decision begins another one.
 *
 * @param applicationId whose state it is; no other application resumes from it
 * @param decisions so many decisions, at least 1
 * @param bytes so many bytes of deltas in the partition; 0: no such limit
 * @param partBytes bytes of state in a record at most
 */
public record KeyframePolicy(String applicationId, int decisions, long bytes, int partBytes) {
    /** Half of what a record of keyframes may have. */
    private static final int PART_BYTES = 2 << 20;

    public KeyframePolicy(String applicationId, int decisions, long bytes) {
        this(applicationId, decisions, bytes, PART_BYTES);
    }
}
