package dev.weir.benchmarks;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.weir.cli.Json;
import dev.weir.cli.bench.Bench;
import dev.weir.cli.bench.BenchReport;
import dev.weir.cli.bench.BenchSettings;
import dev.weir.cli.bench.Goal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Runs {@link KernelBenchmark} in rounds, every part once in each, forwards and backwards in turn: the bandwidth of the
 * fused EMA over the machine's own triad in the same round.
 */
public final class OperatorsBench implements Bench {
    private static final double GOAL = 0.8;
    private static final int ROUNDS = 5;

    @Override
    public String name() {
        return "operators";
    }

    @Override
    public String about() {
        return "the fused EMA a chunk, against this machine's own copy and triad";
    }

    @Override
    public BenchReport run(BenchSettings settings) throws RunnerException {
        Path log = settings.scratch().resolve("jmh.log");
        List<Map<Traffic, Double>> measured = new ArrayList<>();
        for (int round = 0; round <= ROUNDS; round++) {
            Map<Traffic, Double> parts = new EnumMap<>(Traffic.class);
            List<Traffic> order = new ArrayList<>(List.of(Traffic.values()));
            for (Traffic part : round % 2 == 0 ? order : order.reversed()) {
                parts.put(part, gigabytes(part, settings.quick(), log));
            }
            if (round > 0) {
                measured.add(parts);
            }
            settings.progress().accept("round " + round + " of " + ROUNDS);
        }
        return report(measured);
    }

    private static double gigabytes(Traffic part, boolean quick, Path log) throws RunnerException {
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include(KernelBenchmark.class.getName().replace(".", "\\.") + "\\." + part.benchmark() + "$")
                .output(log.toString());
        if (quick) {
            options.warmupIterations(1)
                    .warmupTime(TimeValue.milliseconds(300))
                    .measurementIterations(1)
                    .measurementTime(TimeValue.milliseconds(400));
        }
        RunResult result = new Runner(options.build()).runSingle();
        return part.gigabytes(result.getPrimaryResult().getScore());
    }

    /** The report of these rounds, gigabytes a second by part in each. */
    static BenchReport report(List<Map<Traffic, Double>> rounds) {
        Map<Traffic, Spread> parts = new EnumMap<>(Traffic.class);
        ObjectNode json = Json.object();
        for (Traffic part : Traffic.values()) {
            Spread spread = new Spread(
                    rounds.stream().map(round -> gigabytes(round, part)).toList(), "GB/s");
            parts.put(part, spread);
            json.set(part.benchmark(), spread.json());
        }
        List<Goal> goals = new ArrayList<>();
        for (Traffic part : List.of(Traffic.EMA_F32, Traffic.EMA_BF16)) {
            Spread ratio = of(parts, part).over(of(parts, Traffic.TRIAD));
            goals.add(Goal.atLeast(part.benchmark() + " over triad", ratio.median(), GOAL));
        }
        return new BenchReport(goals, rounds.size(), json);
    }

    private static Spread of(Map<Traffic, Spread> parts, Traffic part) {
        return java.util.Objects.requireNonNull(parts.get(part));
    }

    private static double gigabytes(Map<Traffic, Double> round, Traffic part) {
        Double value = round.get(part);
        if (value == null) {
            throw new IllegalStateException("benchmark " + part.benchmark() + ": was not measured");
        }
        return value;
    }
}
