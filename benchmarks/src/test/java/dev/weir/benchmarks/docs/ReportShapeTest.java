package dev.weir.benchmarks.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.cli.bench.Bench;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every report that is kept has the fields that readers rely on. */
final class ReportShapeTest {
    private static final int LEAST_ROUNDS = 5;

    @Test
    void everyReportIsThatOfABenchmark() throws IOException {
        List<String> names = ServiceLoader.load(Bench.class).stream()
                .map(bench -> bench.get().name())
                .toList();
        assertThat(Reports.read().byName().keySet()).isNotEmpty().isSubsetOf(names);
    }

    static Stream<String> names() throws IOException {
        return Reports.read().byName().keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("names")
    void aReportSaysRatioGoalAndWhetherAllGoalsAreMet(String name) throws IOException {
        JsonNode report = Reports.read().report(name);
        assertThat(report.path("bench").asText()).isEqualTo(name);
        boolean quick = report.path("parts").path("run").path("quick").asBoolean();
        assertThat(report.path("rounds").asInt()).isGreaterThanOrEqualTo(quick ? 1 : LEAST_ROUNDS);
        JsonNode goals = report.path("parts").path("goals");
        assertThat(goals).isNotEmpty();
        boolean all = true;
        List<List<Double>> pairs = new ArrayList<>();
        for (JsonNode goal : goals) {
            assertThat(goal.path("name").asText()).isNotBlank();
            assertThat(goal.has("atMost")).isNotEqualTo(goal.has("atLeast"));
            double ratio = goal.path("ratio").asDouble(Double.NaN);
            double bound = goal.path(goal.has("atMost") ? "atMost" : "atLeast").asDouble(Double.NaN);
            assertThat(ratio).isFinite();
            // Ratios are rounded to four digits behind the point; what lies on the bound may be either.
            if (Math.abs(ratio - bound) > 1e-4) {
                assertThat(goal.path("met").asBoolean())
                        .as(name + ": " + goal)
                        .isEqualTo(goal.has("atMost") ? ratio < bound : ratio > bound);
            }
            all &= goal.path("met").asBoolean();
            pairs.add(List.of(ratio, bound));
        }
        for (JsonNode reference : report.path("parts").path("references")) {
            assertThat(goals).extracting(goal -> goal.path("name")).contains(reference.path("goal"));
            assertThat(reference.path("ratio").asDouble()).isPositive();
            assertThat(reference.path("by").asText()).isNotBlank();
        }
        assertThat(report.path("met").isBoolean()).isTrue();
        assertThat(report.path("met").asBoolean()).isEqualTo(all);
        assertThat(pairs)
                .contains(List.of(
                        report.path("ratio").asDouble(), report.path("goal").asDouble()));
    }

    @ParameterizedTest
    @MethodSource("names")
    void everySideHasItsMedianSpreadAndUnit(String name) throws IOException {
        JsonNode parts = Reports.read().parts(name);
        List<JsonNode> sides = new ArrayList<>();
        spreads(parts, sides);
        assertThat(sides).as(name).isNotEmpty();
        for (JsonNode side : sides) {
            List<Double> rounds = new ArrayList<>();
            side.path("rounds").forEach(value -> rounds.add(value.asDouble()));
            assertThat(side.path("unit").asText()).isNotBlank();
            assertThat(rounds).isNotEmpty();
            if (!parts.path("run").path("quick").asBoolean()) {
                assertThat(rounds).hasSizeGreaterThanOrEqualTo(LEAST_ROUNDS);
            }
            double median = side.path("median").asDouble();
            assertThat(median)
                    .isBetween(side.path("min").asDouble(), side.path("max").asDouble());
            List<Double> sorted = rounds.stream().sorted().toList();
            int half = sorted.size() / 2;
            double expected = sorted.size() % 2 == 1 ? sorted.get(half) : (sorted.get(half - 1) + sorted.get(half)) / 2;
            assertThat(median).isCloseTo(expected, within(2e-4));
        }
    }

    private static void spreads(JsonNode node, List<JsonNode> found) {
        if (node.has("median")) {
            found.add(node);
        }
        node.forEach(child -> spreads(child, found));
    }
}
