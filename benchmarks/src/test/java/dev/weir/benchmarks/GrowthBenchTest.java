package dev.weir.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.benchmarks.GrowthCase.Cost;
import dev.weir.cli.bench.Goal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class GrowthBenchTest {
    private static final Map<String, List<GrowthCase>> SERIES = GrowthBench.series(false);

    @Test
    void oneCaseBelongsToAllSeries() {
        List<List<GrowthCase>> all = List.copyOf(SERIES.values());

        assertThat(all.get(0)).containsAnyElementsOf(all.get(1)).containsAnyElementsOf(all.get(2));
        assertThat(all.stream().flatMap(List::stream).distinct()).hasSize(14);
    }

    @Test
    void aCostInProportionHasNoBend() {
        Map<GrowthCase, Cost> costs = costs(each -> each.modelBytes() / 1e9 * each.channels() * each.partitions());

        assertThat(GrowthBench.report(SERIES, costs).goals())
                .extracting(Goal::ratio)
                .allSatisfy(ratio -> assertThat(ratio).isBetween(0.999, 1.001));
    }

    @Test
    void aLineIsReadOffAsItsFixedShareAndItsSlope() {
        ObjectNode report = GrowthBench.report(SERIES, costs(each -> 2 + 3 * each.modelBytes() / 1e9))
                .json("growth");

        assertThat(report.at("/parts/constants/fixedSeconds").asDouble()).isBetween(1.999, 2.001);
        assertThat(report.at("/parts/constants/secondsPerGigabyte").asDouble()).isBetween(2.999, 3.001);
    }

    @Test
    void whatTheDiskHasNoRoomForIsNamed() {
        Map<GrowthCase, Cost> costs = costs(each -> each.modelBytes() / 1e9);
        GrowthCase largest = SERIES.getOrDefault("size", List.of()).getLast();
        costs.remove(largest);

        ObjectNode report = GrowthBench.report(SERIES, costs).json("growth");

        assertThat(report.at("/parts/leftOutForWantOfDisk")).hasSize(1);
        assertThat(report.at("/parts/leftOutForWantOfDisk/0").asText()).contains("4096000000");
        assertThat(report.at("/parts/cases")).hasSize(15);
    }

    private static Map<GrowthCase, Cost> costs(java.util.function.ToDoubleFunction<GrowthCase> seconds) {
        Map<GrowthCase, Cost> costs = new HashMap<>();
        SERIES.values().stream()
                .flatMap(List::stream)
                .forEach(each ->
                        costs.put(each, new Cost(new Spread(List.of(seconds.applyAsDouble(each)), "s"), 0, 0)));
        return costs;
    }
}
