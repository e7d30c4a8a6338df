package dev.weir.clients.publish;

import dev.weir.schemas.delta.Choice;

/**
 * How the checkpoints of a publisher travel: each chunk as the exact difference against the newest accepted checkpoint where
 * that is worth it. Publisher and merge tasks keep that checkpoint, one copy of the model each, off the heap.
 *
 * @param choice which encodings a chunk may have; {@link Choice#AUTO} takes the one that gets it through soonest, by the
 *     measured rates of encoding and of the link
 * @param anchorEvery one checkpoint in so many travels in full, at least 1: a restart reads the log from there, so it
 *     should not be rarer than the keyframes
 */
public record Deltas(Choice choice, int anchorEvery) {

    /** As fast as the link and the encoders allow, with an anchor as often as keyframes are by default. */
    public static final Deltas AUTO = new Deltas(Choice.AUTO, 16);

    /** Full chunks only, and no copy of the model anywhere. */
    public static final Deltas NONE = new Deltas(Choice.FULL, 1);

    /** Checks the range. */
    public Deltas {
        if (anchorEvery < 1) {
            throw new IllegalArgumentException("anchorEvery is " + anchorEvery + "; allowed: 1 and more");
        }
    }

    /** Whether any chunk may be a difference. */
    boolean any() {
        return choice != Choice.FULL && anchorEvery > 1;
    }
}
