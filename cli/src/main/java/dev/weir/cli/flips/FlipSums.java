package dev.weir.cli.flips;

import dev.weir.operators.flip.FlipClusters;
import dev.weir.operators.flip.FlipCounter;
import dev.weir.operators.flip.FlipMatrix;
import dev.weir.operators.flip.PairedFlips;
import dev.weir.operators.flip.PoissonBootstrap;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Sums over examples, in any order. */
final class FlipSums {

    /** Follows the id of an example that stands alone, so that it is no cluster's name. */
    private static final String ALONE = "\0";

    private final int replicates;
    private final Optional<FlipClusters> clusters;
    private final Optional<PoissonBootstrap> bootstrap;
    private final FlipCounter counter = new FlipCounter();
    private final SortedMap<Integer, SortedMap<Integer, Long>> broken = new TreeMap<>();
    private PairedFlips paired = PairedFlips.ZERO;
    private long alone;
    private long onlyOld;
    private long onlyNew;
    private long missing;
    private long onlyOther;

    /**
     * Of no examples.
     *
     * @param replicates of the bootstrap; 0: none, or as many as usual with clusters
     * @param clustered whether a file names clusters
     */
    FlipSums(int replicates, boolean clustered) {
        this.replicates = clustered && replicates == 0 ? Clusters.REPLICATES : replicates;
        this.clusters = clustered ? Optional.of(new FlipClusters()) : Optional.empty();
        this.bootstrap =
                clustered || replicates == 0 ? Optional.empty() : Optional.of(new PoissonBootstrap(replicates));
    }

    /** Adds an example. */
    void add(String id, Example example) {
        boolean compared = example.isIn(Side.OLD) && example.isIn(Side.NEW);
        if (compared) {
            compare(id, example);
        } else if (example.isIn(Side.OLD)) {
            onlyOld++;
        } else if (example.isIn(Side.NEW)) {
            onlyNew++;
        }
        if (compared && !example.isIn(Side.OTHER)) {
            missing++;
        } else if (!compared && example.isIn(Side.OTHER)) {
            onlyOther++;
        }
    }

    private void compare(String id, Example example) {
        int before = example.prediction(Side.OLD);
        int after = example.prediction(Side.NEW);
        int label = example.label;
        counter.add(example.knownLabel(), before, after, example.slices);
        if (label == Example.NONE) {
            return;
        }
        bootstrap.ifPresent(all -> all.add(id, label, before, after));
        clusters.ifPresent(all -> {
            alone += example.cluster.isEmpty() ? 1 : 0;
            all.add(example.cluster.isEmpty() ? id + ALONE : example.cluster, label, before, after);
        });
        if (before == label && after != label) {
            broken.computeIfAbsent(label, absent -> new TreeMap<>()).merge(after, 1L, Long::sum);
        }
        if (example.isIn(Side.OTHER)) {
            paired = paired.plus(PairedFlips.of(label, before, after, example.prediction(Side.OTHER)));
        }
    }

    /** Of what was added. */
    FlipComparison comparison(long duplicatesOld, long duplicatesNew, Optional<Long> duplicatesOther) {
        return new FlipComparison(
                counter.table(),
                new FlipMatrix(broken),
                clusters.map(all -> all.bootstrap(replicates)).or(() -> bootstrap),
                clusters.map(all -> new Clusters(all.count(), alone, all.largest(), replicates)),
                duplicatesOther.map(duplicates -> new Rival(paired, missing, onlyOther, duplicates)),
                onlyOld,
                onlyNew,
                duplicatesOld,
                duplicatesNew);
    }
}
