package dev.weir.operators.flip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.SortedMap;
import java.util.function.Function;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("N flips: clustered examples")
final class FlipClustersTest {

    private static final Function<SortedMap<Integer, FlipCounts>, OptionalDouble> RATE =
            classes -> PoissonBootstrap.total(classes).negativeFlipRate().value();
    private static final int REPLICATES = 1000;

    private record Example(String id, String cluster, int label, int before, int after) {}

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 20_261_124})
    void oneExampleAClusterIsTheBootstrapOverExamples(long seed) {
        List<Example> examples = examples(new Random(seed), 300, 1);
        PoissonBootstrap alone = new PoissonBootstrap(REPLICATES);
        examples.forEach(example -> alone.add(example.cluster, example.label, example.before, example.after));
        assertThat(clusters(examples).bootstrap(REPLICATES).interval(RATE, 0.95))
                .as("seed %d", seed)
                .isEqualTo(alone.interval(RATE, 0.95));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 20_261_124})
    void clustersOfIdenticalExamplesWidenTheIntervalByTheRootOfTheirSize(long seed) {
        int size = 4;
        List<Example> examples = examples(new Random(seed), 500, size);
        PoissonBootstrap alone = new PoissonBootstrap(REPLICATES);
        examples.forEach(example -> alone.add(example.id, example.label, example.before, example.after));
        double clustered = width(clusters(examples).bootstrap(REPLICATES));
        assertThat(clustered / width(alone)).as("seed %d", seed).isCloseTo(Math.sqrt(size), within(0.25));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 20_261_124})
    void neitherOrderNorSplittingMattersThoughAClusterIsSplit(long seed) {
        Random random = new Random(seed);
        List<Example> examples = examples(random, 100, 3);
        FlipClusters whole = clusters(examples);
        Collections.shuffle(examples, random);
        FlipClusters parts = clusters(examples.subList(170, 300));
        parts.add(clusters(examples.subList(0, 170)));
        assertThat(parts.count()).isEqualTo(whole.count()).isEqualTo(100);
        assertThat(parts.largest()).isEqualTo(whole.largest()).isEqualTo(3);
        assertThat(parts.bootstrap(200).interval(RATE, 0.95))
                .as("seed %d", seed)
                .isEqualTo(whole.bootstrap(200).interval(RATE, 0.95));
        PoissonBootstrap merged = clusters(examples.subList(170, 300)).bootstrap(200);
        merged.add(clusters(examples.subList(0, 170)).bootstrap(200));
        assertThat(merged.interval(RATE, 0.95))
                .as("bootstraps of the parts, seed %d", seed)
                .isEqualTo(whole.bootstrap(200).interval(RATE, 0.95));
    }

    @Test
    void anIntervalOfReplicatesThatAreAllAlikeSaysNothing() {
        FlipClusters clusters = new FlipClusters();
        clusters.add("a", 1, 1, 1);
        clusters.add("b", 1, 1, 1);
        assertThat(clusters.bootstrap(100).interval(RATE, 0.95).orElseThrow().varies())
                .isFalse();
        clusters.add("c", 1, 1, 0);
        assertThat(clusters.bootstrap(100).interval(RATE, 0.95).orElseThrow().varies())
                .isTrue();
        assertThat(new FlipClusters().largest()).isZero();
    }

    private static double width(PoissonBootstrap bootstrap) {
        Interval bounds = bootstrap.interval(RATE, 0.95).orElseThrow().bounds();
        return bounds.upper() - bounds.lower();
    }

    private static FlipClusters clusters(List<Example> examples) {
        FlipClusters clusters = new FlipClusters();
        examples.forEach(example -> clusters.add(example.cluster, example.label, example.before, example.after));
        return clusters;
    }

    /** Clusters of identical examples. */
    private static List<Example> examples(Random random, int clusters, int size) {
        List<Example> examples = new ArrayList<>();
        for (int cluster = 0; cluster < clusters; cluster++) {
            int label = random.nextInt(5);
            int after = random.nextInt(10) < 8 ? label : label + 1;
            for (int i = 0; i < size; i++) {
                examples.add(new Example("example-" + cluster + "-" + i, "cluster-" + cluster, label, label, after));
            }
        }
        return examples;
    }
}
