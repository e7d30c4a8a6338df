package dev.weir.cli.flips;

import dev.weir.operators.flip.FlipMatrix;
import dev.weir.operators.flip.FlipTable;
import dev.weir.operators.flip.PoissonBootstrap;
import java.util.Optional;

/**
 * Two prediction files, compared example by example.
 *
 * @param table the flips of the examples that both hold
 * @param matrix what became of the negative flips among these
 * @param bootstrap of the labelled ones among these, if it was asked for or they are clustered; over clusters then
 * @param clusters of these, if a file names any
 * @param rival a third file, if there is one
 * @param onlyOld examples that the old one holds and the new one does not
 * @param onlyNew examples that the new one holds and the old one does not
 * @param duplicatesOld rows of the old one that repeat an earlier row's id and prediction
 * @param duplicatesNew such rows of the new one
 */
public record FlipComparison(
        FlipTable table,
        FlipMatrix matrix,
        Optional<PoissonBootstrap> bootstrap,
        Optional<Clusters> clusters,
        Optional<Rival> rival,
        long onlyOld,
        long onlyNew,
        long duplicatesOld,
        long duplicatesNew) {}
