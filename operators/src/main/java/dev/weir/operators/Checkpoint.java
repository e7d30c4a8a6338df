package dev.weir.operators;

/**
 * An accepted checkpoint, as the scalar part of an operator sees it.
 *
 * @param seq decision number that accepted it; grows by any amount from one checkpoint to the next
 * @param run the trainer's run
 * @param step the trainer's own step; grows within a run
 */
public record Checkpoint(long seq, String run, long step) {
    public Checkpoint {
        if (step < 0) {
            throw new IllegalArgumentException("checkpoint of run " + run + ": step=" + step + "; allowed: 0 or more");
        }
    }
}
