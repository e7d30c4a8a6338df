package dev.weir.operators.align;

import java.util.SortedMap;

/**
 * How the units of one model match those of another.
 *
 * @param permutations of each group c: unit c(i) of the model matches unit i of the anchor
 * @param before inner product of the anchor's and the model's weights
 * @param after that with the permuted model's
 * @param sweeps over all groups, the last of which found nothing better
 */
public record Matching(SortedMap<String, int[]> permutations, double before, double after, int sweeps) {}
