package dev.weir.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs {@link KernelBenchmark} in rounds, every part once in each, and prints one JSON object on stdout: the median over
 * the rounds of the f32 EMA's bandwidth over the better of copy and triad in the same round, and whether that reaches
 * the goal. JMH's own words go to a file.
 */
public final class KernelBenchmarks {
    private static final double GOAL = 0.9;
    private static final int ROUNDS = 3;

    private KernelBenchmarks() {}

    /** @param args how many rounds (default: 3) */
    public static void main(String[] args) throws RunnerException, IOException {
        int rounds = args.length == 0 ? ROUNDS : Integer.parseInt(args[0]);
        Path log = Files.createTempFile("weir-bench", ".log");
        List<Map<Traffic, Double>> measured = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
            System.err.println("weir: bench: round " + round + " of " + rounds + "; details in " + log);
            measured.add(round(log));
        }
        System.out.println(new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(report(measured)));
    }

    private static Map<Traffic, Double> round(Path log) throws RunnerException {
        Options options = new OptionsBuilder()
                .include(KernelBenchmark.class.getName().replace(".", "\\.") + "\\.")
                .output(log.toString())
                .build();
        Map<Traffic, Double> parts = new EnumMap<>(Traffic.class);
        for (RunResult result : new Runner(options).run()) {
            Traffic part = Traffic.of(result.getPrimaryResult().getLabel());
            parts.put(part, part.gigabytes(result.getPrimaryResult().getScore()));
        }
        return parts;
    }

    /** The report of these rounds, gigabytes a second by part in each. */
    static ObjectNode report(List<Map<Traffic, Double>> rounds) {
        List<Double> ratios = rounds.stream().map(KernelBenchmarks::ratio).toList();
        double ratio = median(ratios);
        ObjectNode report = new ObjectMapper().createObjectNode();
        report.put("ratio", rounded(ratio)).put("goal", GOAL).put("met", ratio >= GOAL);
        ArrayNode each = report.putArray("rounds");
        ratios.forEach(value -> each.add(rounded(value)));
        ObjectNode parts = report.putObject("parts");
        for (Traffic part : Traffic.values()) {
            parts.put(
                    part.benchmark(),
                    rounded(median(
                            rounds.stream().map(round -> gigabytes(round, part)).toList())));
        }
        return report;
    }

    private static double ratio(Map<Traffic, Double> round) {
        double limit = Math.max(gigabytes(round, Traffic.COPY), gigabytes(round, Traffic.TRIAD));
        return gigabytes(round, Traffic.EMA_F32) / limit;
    }

    private static double gigabytes(Map<Traffic, Double> round, Traffic part) {
        Double value = round.get(part);
        if (value == null) {
            throw new IllegalStateException("benchmark " + part.benchmark() + ": was not measured");
        }
        return value;
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    private static double rounded(double value) {
        return Math.round(value * 1000) / 1000.0;
    }
}
