package dev.weir.cli.flips;

import dev.weir.operators.flip.PairedFlips;

/**
 * A third prediction file beside an old and a new one: another candidate to replace the old.
 *
 * @param flips of the new one, as the first, and of the other, on the labelled examples that all three hold
 * @param missing examples that the old and the new one hold, and it does not
 * @param only examples that it holds, and the old one or the new one does not
 * @param duplicates rows of it that repeat an earlier row's id and prediction
 */
public record Rival(PairedFlips flips, long missing, long only, long duplicates) {}
