package dev.weir.operators.flip;

import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Flips by cluster: examples that hang together, such as those of one document or one user, so that they are no evidence of their
 * own each. A commutative monoid; clusters that come in several parts are one.
 *
 * <p>Source: Davison and Hinkley, Bootstrap Methods and their Application (1997), section 3.8: clusters are drawn as a whole.
 */
public final class FlipClusters {

    private final Map<String, SortedMap<Integer, FlipCounts>> clusters = new HashMap<>();

    /**
     * Takes in a labelled example; each must be given once.
     *
     * @param cluster what it belongs to
     */
    public void add(String cluster, int label, int oldPrediction, int newPrediction) {
        clusters.computeIfAbsent(cluster, absent -> new TreeMap<>())
                .merge(label, FlipCounts.of(label, oldPrediction, newPrediction), FlipCounts::plus);
    }

    /** Takes in what another has taken in; they share no example. */
    public void add(FlipClusters other) {
        other.clusters.forEach((cluster, classes) -> {
            SortedMap<Integer, FlipCounts> here = clusters.computeIfAbsent(cluster, absent -> new TreeMap<>());
            classes.forEach((label, counts) -> here.merge(label, counts, FlipCounts::plus));
        });
    }

    /** How many there are. */
    public int count() {
        return clusters.size();
    }

    /** Labelled examples of the largest; 0 without any. */
    public long largest() {
        return clusters.values().stream()
                .mapToLong(classes -> PoissonBootstrap.total(classes).total())
                .max()
                .orElse(0);
    }

    /** A bootstrap that draws clusters, with so many replicates; of one example a cluster it is the one over examples. */
    public PoissonBootstrap bootstrap(int replicates) {
        PoissonBootstrap bootstrap = new PoissonBootstrap(replicates);
        clusters.forEach(bootstrap::add);
        return bootstrap;
    }
}
