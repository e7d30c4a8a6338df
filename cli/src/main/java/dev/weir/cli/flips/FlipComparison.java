package dev.weir.cli.flips;

import dev.weir.operators.flip.FlipTable;

/**
 * Two prediction files, compared example by example.
 *
 * @param table the flips of the examples that both hold
 * @param onlyOld examples that the old one holds alone
 * @param onlyNew examples that the new one holds alone
 * @param duplicatesOld rows of the old one that repeat an earlier row's id and prediction
 * @param duplicatesNew such rows of the new one
 */
public record FlipComparison(FlipTable table, long onlyOld, long onlyNew, long duplicatesOld, long duplicatesNew) {}
