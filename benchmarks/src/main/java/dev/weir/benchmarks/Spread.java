package dev.weir.benchmarks;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.Json;
import java.util.List;

/**
 * Median and spread of the same quantity over the rounds of a benchmark.
 *
 * @param values one a round, in order
 * @param unit of each
 */
record Spread(List<Double> values, String unit) {

    Spread {
        values = List.copyOf(values);
        if (values.isEmpty()) {
            throw new IllegalArgumentException("a spread of no values; needed: at least one round");
        }
    }

    double median() {
        return quantile(0.5);
    }

    /** The value below which this share of them lies, interpolated between neighbours. */
    double quantile(double share) {
        List<Double> sorted = values.stream().sorted().toList();
        double at = share * (sorted.size() - 1);
        int low = (int) Math.floor(at);
        int high = (int) Math.ceil(at);
        return sorted.get(low) + (at - low) * (sorted.get(high) - sorted.get(low));
    }

    /** Of the same rounds, this over the other, round by round. */
    Spread over(Spread other) {
        if (other.values.size() != values.size()) {
            throw new IllegalArgumentException(values.size() + " rounds over " + other.values.size() + " rounds");
        }
        return new Spread(
                java.util.stream.IntStream.range(0, values.size())
                        .mapToObj(i -> values.get(i) / other.values.get(i))
                        .toList(),
                "ratio");
    }

    ObjectNode json() {
        ObjectNode node = Json.object()
                .put("median", rounded(median()))
                .put("min", rounded(quantile(0)))
                .put("max", rounded(quantile(1)))
                .put("unit", unit);
        ArrayNode rounds = node.putArray("rounds");
        values.forEach(value -> rounds.add(rounded(value)));
        return node;
    }

    private static double rounded(double value) {
        return Math.round(value * 10_000) / 10_000.0;
    }
}
